import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { MessageSpec } from '../load/job.ts';
import { runLoad, startLoad } from '../load/run-load.ts';
import { startCpuMeter } from '../measure/cpu.ts';
import { percentile } from '../measure/percentiles.ts';
import { type StreamClients, startStreamClients } from '../streams/run-streams.ts';
import { type CarillonSystem, LEANEST } from '../system.ts';
import { loadJob, NORMAL_MAIL, type Run } from './run.ts';

/** Half of the people have a stream open, a stream each. */
const STREAMS = 1_000;
const TURNS = 3;
const TIMEOUT_MS = 180_000;
/** The most that a process holds until its collector has run and its pages are given back. */
const SETTLE_MS = 6_000;
const PER_SECOND = 50;

const CONNECTED: MessageSpec = { to: 'recipient', priority: 'normal', people: { from: 1, count: STREAMS } };
const AWAY: MessageSpec = {
  to: 'recipient',
  priority: 'normal',
  people: { from: STREAMS + 1, count: STREAMS },
};

/** What open streams of inboxes cost, each figure measured with and without them, in alternation. */
export async function inboxStreams(
  run: Run,
  carillon: CarillonSystem,
  { accepts, deliveries, seconds }: { accepts: number; deliveries: number; seconds: number },
): Promise<void> {
  await carillon.useAccounts('inbox');
  await carillon.clear();
  const tokens = await addPeople(carillon);
  const clients = startStreamClients();
  const open = () => clients.open(carillon.target.url, tokens);
  try {
    await carillon.stopWorkers();
    for (let turn = 0; turn < TURNS; turn++) {
      await clients.close();
      await carillon.restartApi();
      // Engines compile what runs often, and keep the memory that it needed.
      await acceptsBeside(run, carillon, accepts / 4, null);
      const before = await residentOf(carillon);
      await open();
      const mb = ((await residentOf(carillon)) - before) / 1e6;
      run.figures.add('streams memory', 'carillon', mb);
      run.say(
        `carillon: the API holds ${(before / 1e6).toFixed(0)} MB, and ${mb.toFixed(0)} more with ${STREAMS} streams`,
      );
    }
    for (let turn = 0; turn < TURNS; turn++) {
      const beside = async (streams: number) => {
        await clients.close();
        if (streams > 0) await open();
        return acceptsBeside(run, carillon, accepts, streams);
      };
      const first = await beside(turn % 2 === 0 ? 0 : STREAMS);
      const second = await beside(turn % 2 === 0 ? STREAMS : 0);
      const [none, some] = turn % 2 === 0 ? [first, second] : [second, first];
      run.figures.add('streams accepts ratio', 'carillon', some.perSecond / none.perSecond);
      run.figures.add('streams accepts cpu ratio', 'carillon', some.us / none.us);
    }
    await clients.close();
    await open();
    await carillon.clear();
    await carillon.startWorkers();
    await deliver(run, carillon, clients, AWAY, Math.ceil(deliveries / 4));
    await deliver(run, carillon, clients, CONNECTED, Math.ceil(deliveries / 4));
    for (let turn = 0; turn < TURNS; turn++) {
      const away = await deliver(run, carillon, clients, AWAY, deliveries);
      const connected = await deliver(run, carillon, clients, CONNECTED, deliveries);
      if (away === null || connected === null) break;
      run.figures.add('streams delivery away', 'carillon', away);
      run.figures.add('streams delivery connected', 'carillon', connected);
      run.figures.add('streams delivery', 'carillon', connected - away);
    }
    await latency(run, carillon, clients, seconds);
  } finally {
    clients.stop();
    await carillon.clear();
    await carillon.useAccounts(LEANEST);
  }
}

/** @returns the tokens of those that connect. */
async function addPeople({ sql, target }: CarillonSystem): Promise<string[]> {
  await sql`
    insert into recipients (app_id, environment, id)
    select (select id from apps limit 1), 'live', 'user_' || i from generate_series(1, ${2 * STREAMS}::int) i
    on conflict do nothing`;
  const tokens: string[] = [];
  for (let n = 1; n <= STREAMS; n++) {
    const answer = await fetch(`${target.url}/v1/recipients/user_${n}/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${target.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ttl_seconds: 86_400 }),
    });
    if (!answer.ok) throw new Error(`no token for user_${n}: ${await answer.text()}`);
    tokens.push(((await answer.json()) as { token: string }).token);
  }
  return tokens;
}

/** The least resident memory of the API within some seconds. */
async function residentOf(carillon: CarillonSystem): Promise<number> {
  const pid = carillon.pids().api!;
  let least = Number.POSITIVE_INFINITY;
  for (let waited = 0; waited < SETTLE_MS; waited += 500) {
    await pause(500);
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    least = Math.min(least, Number(kb) * 1024);
  }
  return least;
}

/** Single POSTs of e-mails with workers stopped. @returns how many a second, and processor time of all processes for each */
async function acceptsBeside(
  { ground, figures, say }: Run,
  carillon: CarillonSystem,
  count: number,
  streams: number | null,
): Promise<{ perSecond: number; us: number }> {
  await carillon.clear();
  await ground.checkpoint();
  const job = loadJob(carillon, NORMAL_MAIL, { kind: 'closed', count, batch: 1, connections: 50 });
  const { postgres, redis } = ground.pids;
  const used = startCpuMeter({ ...carillon.pids(), postgres, redis });
  const load = await runLoad(job, TIMEOUT_MS);
  const us = sumOf(used() ?? {}) / load.accepted;
  const perSecond = load.accepted / ((load.endedAtMs - load.startedAtMs) / 1000);
  if (streams !== null) {
    figures.add(`streams accepts ${streams === 0 ? 'none' : 'open'}`, 'carillon', perSecond);
    say(
      `carillon: accepts ${Math.round(perSecond)}/s beside ${streams} streams, load average ${loadavg()[0]!.toFixed(1)}`,
    );
  }
  return { perSecond, us };
}

/**
 * Messages to people one by one, all of them stored, and brought where a stream is open; streams are open all the time.
 *
 * @returns microseconds of processor time of all processes per message; null where the kernel does not tell.
 */
async function deliver(
  { ground, figures, say }: Run,
  carillon: CarillonSystem,
  clients: StreamClients,
  message: MessageSpec,
  count: number,
): Promise<number | null> {
  await carillon.clear();
  await ground.checkpoint();
  await clients.arrivals();
  const { postgres, redis } = ground.pids;
  const used = startCpuMeter({ ...carillon.pids(), postgres, redis });
  const job = loadJob(carillon, message, { kind: 'closed', count, batch: 1, connections: 8 });
  const begun = performance.now();
  await runLoad(job, TIMEOUT_MS);
  const wanted = message === CONNECTED ? count : 0;
  let arrived = 0;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(100)) {
    if (arrived < wanted) arrived += (await clients.arrivals()).length;
    if (arrived >= wanted && (await carillon.unfinished()) === 0) break;
  }
  // As long for both, so that what the processes do anyway is in both.
  await pause(Math.max(0, (count / PER_SECOND_AT_LEAST) * 1000 - (performance.now() - begun)));
  const cpu = used();
  const unfinished = await carillon.unfinished();
  figures.judge(`streams ${wanted === 0 ? 'away' : 'connected'}`, {
    lost: unfinished + Math.max(0, wanted - arrived),
    doubled: Math.max(0, arrived - wanted),
  });
  if (cpu === null) return null;
  const us = sumOf(cpu) / count;
  const shares = Object.entries(cpu).map(([name, each]) => `${name} ${Math.round(each / count)}`);
  say(
    `carillon: ${wanted === 0 ? 'away' : 'connected'} ${us.toFixed(0)} us a message (${shares.join(', ')})`,
  );
  return us;
}

const sumOf = (cpu: Readonly<Record<string, number>>): number =>
  Object.values(cpu).reduce((sum, each) => sum + each, 0);

/** Slower than this the window does not hold, and says so by a larger figure. */
const PER_SECOND_AT_LEAST = 150;

/** From the storing of a message to its arrival at the client, at a steady rate. */
async function latency(
  { figures, say }: Run,
  carillon: CarillonSystem,
  clients: StreamClients,
  seconds: number,
): Promise<void> {
  await carillon.clear();
  await clients.arrivals();
  const load = startLoad(loadJob(carillon, CONNECTED, { kind: 'steady', perSecond: PER_SECOND }), TIMEOUT_MS);
  await pause(seconds * 1000);
  load.stop();
  const { sent } = await load.result;
  const all: number[] = [];
  for (
    const deadline = Date.now() + 30_000;
    all.length < sent.length && Date.now() < deadline;
    await pause(200)
  )
    all.push(...(await clients.arrivals()).map(({ atMs, storedAtMs }) => atMs - storedAtMs));
  figures.judge('streams latency', { lost: sent.length - all.length, doubled: 0 });
  figures.add('streams p50', 'carillon', percentile(all, 0.5));
  figures.add('streams p99', 'carillon', percentile(all, 0.99));
  say(`carillon: ${all.length} messages at their clients, load average ${loadavg()[0]!.toFixed(1)}`);
}
