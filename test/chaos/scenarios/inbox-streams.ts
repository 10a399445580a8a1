import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@carillon/local/ports';
import { subscriberConnection } from '@carillon/queue/connection';
import { inboxSubscriber } from '@carillon/queue/inbox-signals';
import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import type { CrashPoint } from '../crash/crash-points.ts';
import { death } from '../crash/die-at.ts';
import { type InboxEvidence, judgeInboxes } from '../judge/inboxes.ts';
import type { Finding } from '../judge/rules.ts';
import { type InboxClient, startInboxClient } from '../load/inbox-client.ts';
import { categoryOf, type Planned, type PlannedRequest } from '../load/plan.ts';
import { createRandom, type Random } from '../load/random.ts';
import { SPECIES } from '../load/species.ts';
import { collectInboxes } from '../system/collect-inboxes.ts';
import type { Scenario } from './scenario.ts';

const PEOPLE = ['ada', 'bob'];
/** More than a page of a stream for each of them, so that a client that begins late reads several. */
const BATCHES = 6;
const OF_A_BATCH = 40;
const SINGLES = 20;
const SETTLE_MS = 90_000;
const TOLD_MS = 30_000;
const READ_ALL_EVERY_MS = 300;

/**
 * Several clients of two people follow their inboxes at two API processes, cut their connections, and act on what they
 * get; one API is killed meanwhile. Held against it: the numbers of an inbox, and the positions of streams.
 */
export const inboxStreams: Scenario = {
  name: 'inbox streams',
  settleMs: SETTLE_MS,
  play: (cell) => followInboxes(cell, null),
};

/** @param point where a process dies; null: one API process is killed in between. */
export async function followInboxes(cell: Cell, point: CrashPoint | null): Promise<{ findings: Finding[] }> {
  const random = createRandom(1);
  for (const person of PEOPLE)
    await cell.sql`insert into recipients (app_id, environment, id) values (${cell.appId}, 'live', ${person})`;
  const ports = [await freePort(), await freePort()];
  const env = { RATE_LIMIT_PER_SECOND: '100000' };
  const script = (program: CrashPoint['program']) =>
    point?.program === program
      ? ([`test/chaos/crash/crash-${program}.ts`, point.name, cell.simulatorUrl] as const)
      : undefined;
  const api = cell.startApi(ports[0]!, script('api'), env);
  cell.startApi(ports[1]!, undefined, env);
  const apiUrls = ports.map((port) => `http://127.0.0.1:${port}`);
  for (const url of apiUrls) await isUp(url);

  const follow = (person: string, n: number, acts: number, cutAfterMs: [number, number] | null) =>
    startInboxClient({
      name: `${person} ${n}`,
      person,
      apiUrls,
      fetchToken: () => tokenOf(cell, person),
      cutAfterMs,
      acts,
      random: random.fork(`${person} ${n}`),
    });
  const clients = PEOPLE.flatMap((person) => [
    follow(person, 0, 0.4, null),
    follow(person, 1, 0.2, [200, 1_500]),
    follow(person, 2, 0, [20, 400]),
  ]);
  const worker = cell.startWorker(script('worker'));
  await cell.isUp();
  const asking = cell.ask(requests(cell.namespace, random));
  if (point !== null) {
    const dying = death(point.program === 'api' ? api : worker, point);
    if (point.program === 'api') await readAllUntil(dying, clients[0]!);
    await dying;
  } else {
    await untilSome(cell);
    api.signal('SIGKILL');
    await api.ended;
  }
  if (point?.program === 'worker') cell.startWorker();
  else cell.startApi(ports[0]!, undefined, env);
  await asking;
  await cell.settle(SETTLE_MS);
  // They begin with nothing when everything is there.
  clients.push(...PEOPLE.map((person) => follow(person, 3, 0, null)));
  await Promise.all(clients.slice(0, 2).map((client) => client.readAll()));
  const evidence = await collectInboxes(cell.sql, clients, TOLD_MS);
  return { findings: [...judgeInboxes(evidence), ...unproven(evidence), ...(await unheard(cell))] };
}

/** Again and again: the API that dies may not be the one that reads what has come. */
async function readAllUntil(dying: Promise<unknown>, client: InboxClient): Promise<void> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  dying.then(over, over);
  while (!isOver) {
    await client.readAll();
    await client.unreadSome();
    await pause(READ_ALL_EVERY_MS);
  }
}

async function isUp(url: string): Promise<void> {
  await until(`the API at ${url} to answer`, () => fetch(`${url}/healthz`).then(({ ok }) => ok), {
    timeoutMs: 60_000,
    everyMs: 50,
  });
}

async function tokenOf(cell: Cell, person: string): Promise<string> {
  const path = `/v1/recipients/${person}/tokens`;
  const { status, body } = await cell.call('live', path, {}, AbortSignal.timeout(8_000));
  if (status !== 201) throw new Error(`no token for ${person}: ${status}`);
  return body.token;
}

async function untilSome(cell: Cell): Promise<void> {
  const isSome = async (): Promise<boolean> => {
    const [row] = await cell.sql<[{ count: number }]>`select count(*)::int as count from inbox_messages`;
    return row.count > OF_A_BATCH;
  };
  await until('some messages to be stored', isSome, { timeoutMs: 60_000 });
}

function requests(run: string, random: Random): PlannedRequest[] {
  const species = SPECIES.find(({ name }) => name === 'in-app')!;
  let n = 0;
  const message = (priority: Planned['priority']): Planned => {
    const key = `${run}-${n++}`;
    return {
      key,
      species,
      priority,
      policy: 'resolve',
      body: {
        to: { recipient_id: random.pick(PEOPLE) },
        content: { title: `Message ${key}`, body: 'In the inbox.' },
        channel: 'in_app',
        priority,
        category: categoryOf('resolve'),
        idempotency_key: key,
      },
      sendInMs: null,
      ttlSeconds: null,
      cancelAfterMs: null,
      orderingKey: null,
    };
  };
  const request = { environment: 'live', hangUpAfterMs: null, isRepeated: false } as const;
  return random.shuffled([
    ...Array.from({ length: BATCHES }, () => ({
      ...request,
      isBatch: true,
      items: Array.from({ length: OF_A_BATCH }, () => message('bulk')),
    })),
    ...Array.from({ length: SINGLES }, () => ({ ...request, isBatch: false, items: [message('critical')] })),
  ]);
}

/** Without reads, snoozes and reconnects the rules had nothing to look at. */
function unproven({ clients, rows, receipts }: InboxEvidence): Finding[] {
  const enough =
    rows.length === BATCHES * OF_A_BATCH + SINGLES &&
    receipts.some(({ kind }) => kind === 'read') &&
    clients.some(({ events }) => events.some(({ type }) => type === 'changed'));
  return enough
    ? []
    : [{ rule: 'unproven', id: 'inboxes', why: `${rows.length} messages, ${receipts.length} receipts` }];
}

const HEARD_MS = 8_000;

/** What was published before a subscription was in force is looked for when it is. */
async function unheard(cell: Cell): Promise<Finding[]> {
  const redis = subscriberConnection(cell.redisUrl, 'chaos');
  let isHeard = false;
  const subscriber = inboxSubscriber(redis, cell.namespace, () => {
    isHeard = true;
  });
  try {
    subscriber.add('an inbox');
    await until('the look after the subscription', () => isHeard, { timeoutMs: HEARD_MS });
    return [];
  } catch (error) {
    return [{ rule: 'inbox_missed', id: 'signals', why: (error as Error).message }];
  } finally {
    subscriber.close();
  }
}
