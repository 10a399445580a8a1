import type { Channel } from '@carillon/core/notification/channel';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { FINAL_STATES } from '@carillon/core/notification/states';
import { createLog } from '@carillon/core/program/log';
import { cancelNotification } from '@carillon/db/notifications/reschedule';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { acceptInLine, type InLine } from '../../../test/support/lines.ts';
import { deleteKeys } from '../../../test/support/redis-keys.ts';
import { insertApp } from '../../../test/support/rows.ts';
import { until } from '../../../test/support/until.ts';
import { readConfig } from './config.ts';
import type { AtPoint, DeliveryPoint } from './deliver/context.ts';
import { NO_SEAMS } from './seams.ts';
import { startWorker, type Worker } from './worker.ts';

let bundle: LaneBundle;
let simulator: SimulatorUnderTest;
let appId: string;
/** The result of the provider call instead of making it; null makes the call. */
let interfere: (id: string) => 'transient' | 'rejected' | null;
const workers = new Set<Worker>();

beforeAll(async () => {
  [bundle, simulator] = await Promise.all([laneBundle(), simulatorUnderTest()]);
});
beforeEach(async () => {
  appId = await insertApp(bundle.db.sql);
  interfere = () => null;
});
afterEach(async () => {
  await Promise.all([...workers].map(stop));
});
afterAll(async () => {
  await simulator.end();
  await bundle.close();
});

/** @param maintenance without it only the deliveries themselves advance an ordering queue. */
async function start(maintenance = true): Promise<Worker> {
  const config = readConfig({
    DATABASE_URL: bundle.databaseUrl,
    REDIS_URL: bundle.redisUrl,
    NAMESPACE: bundle.namespace,
    WORKER_PORT: '0',
    WORKER_ROLES: maintenance ? undefined : 'deliver,relay,events',
    PROVIDERS_FILE: 'unused',
    LOG_LEVEL: 'error',
  });
  // Those whose requests carry Carillon's id, which the ledger shows.
  const accounts = simulatorAccounts({ ...simulator, tlsHost: '127.0.0.1' }).filter(({ provider }) =>
    ['resend', 'smtp', 'twilio', 'generic'].includes(provider),
  );
  const worker = await startWorker(config, accounts, createLog('worker', 'error'), {
    ...NO_SEAMS,
    delivery: { at: troubled },
  });
  workers.add(worker);
  return worker;
}

async function stop(worker: Worker): Promise<void> {
  workers.delete(worker);
  await worker.stop();
}

/**
 * Certain refusals instead of the call, under a code that is no evidence about the account: no breaker opens for them.
 */
function troubled(point: DeliveryPoint, { account }: AtPoint): undefined {
  if (point !== 'account chosen' || !account || intercepted.has(account.adapter)) return;
  intercepted.add(account.adapter);
  const send = account.adapter.send.bind(account.adapter);
  account.adapter.send = async (message, sending) => {
    const trouble = interfere(sending.notificationId);
    if (trouble === null) return send(message, sending);
    return { class: trouble, code: 'lease_over', message: 'a test', phase: 'answered' };
  };
}
const intercepted = new WeakSet<object>();

const accept = (...items: InLine[]) => acceptInLine(bundle.db.sql, appId, items);
const statesOf = async (ids: readonly string[]) => {
  const rows = await bundle.db.sql<{ id: string; state: string }[]>`
    select id, state from notifications where id = any (${ids as string[]}::uuid[])`;
  const states = new Map(rows.map((row) => [row.id, row.state]));
  return ids.map((id) => states.get(id));
};
const parked = (ids: readonly string[]) => bundle.db.sql`
  select 1 from notifications where id = any (${ids as string[]}::uuid[]) and state = 'pending' and queued_at is null
    and updated_at <> created_at`;
/** All accounts have refused it, and it comes back much later. */
const waits = async (id: string) => {
  const rows = await bundle.db.sql`
    select 1 from notifications where id = ${id} and state = 'retrying' and next_attempt_at > now() + interval '10 s'`;
  return rows.length === 1;
};
const allFinal = (ids: readonly string[], timeoutMs = 25_000) =>
  until(
    'all to end',
    async () => (await statesOf(ids)).every((state) => (FINAL_STATES as string[]).includes(state!)),
    { timeoutMs },
  );
/** In the order in which providers accepted them. */
const ledgerOf = async (ids: readonly string[]) => {
  const wanted = new Set(ids);
  const lines = await simulator.ledger();
  return lines.flatMap((line) => (wanted.has(line.notification_id!) ? [line.notification_id!] : []));
};
/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test('every key arrives in the order of acceptance, through failures, lost Redis and a worker that is replaced', async () => {
  const random = seeded(20_261_121);
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!;
  /** How many of its calls still fail: more than there are accounts makes it wait. Only for critical ones (1 to 3 s). */
  const failures = new Map<string, number>();
  interfere = (id) => {
    const left = failures.get(id) ?? 0;
    failures.set(id, left - 1);
    return left > 0 ? 'transient' : null;
  };
  const lines = new Map<string, string[]>(Array.from({ length: 24 }, (_, k) => [`key ${k}`, []]));
  const acceptSome = async (count: number) => {
    const items = Array.from({ length: count }, () => ({
      key: pick(...lines.keys()),
      channel: pick<Channel>('email', 'sms'),
      priority: pick<Priority>('critical', 'critical', 'normal', 'bulk'),
    }));
    for (const [index, id] of (await accept(...items)).entries()) {
      const { key, priority } = items[index]!;
      lines.get(key)!.push(id);
      if (priority === 'critical' && random() < 0.3) failures.set(id, 1 + Math.floor(random() * 4));
    }
  };

  const first = await start();
  await acceptSome(60);
  await until('some to have arrived', async () => (await ledgerOf([...lines.values()].flat())).length > 10);
  await Promise.all([stop(first), acceptSome(30)]);
  await deleteKeys(bundle.redis, `*${bundle.namespace}*`);
  await Promise.all([start(), start(), acceptSome(30)]);

  const all = [...lines.values()].flat();
  await allFinal(all, 40_000);
  expect(new Set(await statesOf(all))).toEqual(new Set(['sent']));
  const delayed = await bundle.db.sql`
    select distinct notification_id from notification_history
    where notification_id = any (${all}::uuid[]) and (detail ->> 'retry_in_ms')::int > 500`;
  expect(delayed.length).toBeGreaterThan(5);
  for (const [key, ids] of lines) expect(await ledgerOf(ids), key).toEqual(ids);
  await until('the lines to be empty', async () => {
    const places = await bundle.db.sql`select 1 from notification_order where app_id = ${appId}`;
    return places.length === 0;
  });
}, 90_000);

test('an ordering queue advances without maintenance', async () => {
  await start(false);
  const ids = await accept(...Array.from({ length: 12 }, () => ({ key: 'k' })));
  await allFinal(ids);
  expect(await ledgerOf(ids)).toEqual(ids);
});

test('a key that is stuck in retries holds up no other, of whatever priority', async () => {
  const [stuck, behind] = await accept({ key: 'stuck' }, { key: 'stuck', priority: 'critical' });
  interfere = (id) => (id === stuck ? 'transient' : null);
  await start();
  await until('the front to wait for its retry', () => waits(stuck!));
  const others = await accept(
    ...PRIORITIES.flatMap((priority) => [{ key: `free ${priority}`, priority }, { priority }]),
  );
  await allFinal(others);
  expect(new Set(await statesOf(others))).toEqual(new Set(['sent']));
  expect(await statesOf([stuck!, behind!])).toEqual(['retrying', 'pending']);
  expect(await ledgerOf([behind!])).toEqual([]);
});

test('cancelling the front of an ordering queue releases the next', async () => {
  const [front, next] = await accept({ key: 'k' }, { key: 'k' });
  interfere = (id) => (id === front ? 'transient' : null);
  await start();
  await until('the front to wait for its retry', () => waits(front!));
  await until('the next to be parked', async () => (await parked([next!])).length === 1);
  const cancelled = await cancelNotification(
    bundle.db.sql,
    { appId, environment: 'test' },
    front!,
    'key:test',
  );
  expect(cancelled.outcome).toBe('moved');
  await allFinal([next!]);
  expect(await statesOf([front!, next!])).toEqual(['cancelled', 'sent']);
});

test('the end of the front without success releases the next', async () => {
  const ids = await accept({ key: 'k' }, { key: 'k' }, { key: 'k' });
  interfere = (id) => (id === ids[2] ? null : 'rejected');
  await start();
  await allFinal(ids);
  expect(await statesOf(ids)).toEqual(['failed', 'failed', 'sent']);
});

test('notifications that expire while they wait end as expired, one after the other, and the queue advances', async () => {
  await start(false);
  const expiresAt = new Date(Date.now() + 900);
  const late = { key: 'k', priority: 'critical', expiresAt } as const;
  let release = false;
  let front: string | undefined;
  interfere = (id) => {
    front ??= id;
    return id === front && !release ? 'transient' : null;
  };
  const ids = await accept({ key: 'k', priority: 'critical' }, late, late, late, {
    ...late,
    expiresAt: undefined,
  });
  await until('the rest to be parked', async () => (await parked(ids)).length === 4);
  await until('their time to pass', () => Date.now() > expiresAt.getTime());
  release = true;
  await allFinal(ids);
  expect(await statesOf(ids)).toEqual(['sent', 'expired', 'expired', 'expired', 'sent']);
  expect(await ledgerOf(ids)).toEqual([ids[0], ids[4]]);
});
