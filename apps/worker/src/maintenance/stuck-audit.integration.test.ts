import { randomUUID } from 'node:crypto';
import { lanesOf } from '@carillon/core/notification/lane';
import type { State } from '@carillon/core/notification/states';
import { claimNotifications, explainRefusals } from '@carillon/db/attempts/claim-notifications';
import { recordOutcomes } from '@carillon/db/attempts/record-outcomes';
import type { Stuck } from '@carillon/db/outbox/stuck';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { acceptInLine } from '../../../../test/support/lines.ts';
import { insertNotification } from '../../../../test/support/rows.ts';
import { prune } from './prune.ts';
import { stuckAudit } from './stuck-audit.ts';
import { sweep } from './sweep.ts';

let bundle: LaneBundle;
beforeAll(async () => {
  bundle = await laneBundle({ counts: 'kept' });
});
beforeEach(async () => {
  await bundle.db.sql`delete from outbox`;
  await bundle.db.sql`delete from notifications`;
  for (const lane of lanesOf(['critical', 'normal', 'bulk']))
    await bundle.producer.queue(lane).obliterate({ force: true });
});
afterAll(() => bundle.close());

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A duty and its last report. */
function accounting(budgetMs = 500) {
  const gauge = new Map<string, number>();
  let found: readonly Stuck[] = [];
  const audited: (number | null)[] = [];
  const duty = stuckAudit({
    sql: bundle.db.sql,
    producer: bundle.producer,
    onCounted: (kind, count) => gauge.set(kind, count),
    onFound: (all) => {
      found = all;
    },
    onAudited: (at) => audited.push(at),
    budgetMs,
  });
  const counts = () => Object.fromEntries([...gauge].filter(([, count]) => count > 0));
  return { duty, gauge, counts, audited, found: () => found };
}

/** In this state since `ageMs`, as if unchanged since. */
async function left(state: State, ageMs: number, over: { attempted?: boolean; announced?: boolean } = {}) {
  const { sql } = bundle.db;
  const id = await insertNotification(sql, { appId: bundle.appId, announced: over.announced ?? false });
  const since = new Date(Date.now() - ageMs);
  const due = ['scheduled', 'retrying', 'in_doubt'].includes(state) ? since : null;
  await sql`alter table notifications disable trigger transition_guard`;
  await sql`
    update notifications set state = ${state}, created_at = ${since}, updated_at = ${since}, queued_at = ${since},
      next_attempt_at = ${due}, provider = 'smtp', lease_token = ${state === 'sending' ? randomUUID() : null},
      lease_until = ${state === 'sending' ? since : null}
    where id = ${id}`;
  await sql`alter table notifications enable trigger transition_guard`;
  if (over.announced) await sql`update outbox set created_at = ${since} where ${id} = any (ids)`;
  if (over.attempted)
    await sql`
      insert into delivery_attempts (notification_id, n, phase, channel, provider, outcome, finished_at, provider_message_id)
      values (${id}, 1, 'answered', 'email', 'smtp', 'accepted', now(), 'x')`;
  return id;
}

test('a notification that moves, waits for its time or has ended is not stuck', async () => {
  const { sql } = bundle.db;
  await left('pending', 30 * MINUTE, { announced: true });
  await left('pending', MINUTE);
  await left('queued', MINUTE);
  await left('sending', MINUTE);
  await left('retrying', MINUTE);
  await left('sent', 2 * DAY, { attempted: true });
  await left('dead', 2 * DAY);
  const [front, parked] = await acceptInLine(sql, bundle.appId, [{ key: 'k' }, { key: 'k' }]);
  const lease = { leaseToken: randomUUID(), leaseMs: 60 * MINUTE };
  await claimNotifications(sql, [front!, parked!], { channel: 'email', provider: 'smtp', ...lease });
  await explainRefusals(sql, [parked!]);
  await sql`
    update notifications set created_at = created_at - interval '1 hour', updated_at = updated_at - interval '59 minutes'
    where id = ${parked!}`;
  const { duty, gauge, counts } = accounting();
  expect(await duty.runOnce()).toBe(0);
  expect(counts()).toEqual({});
  expect(gauge.size).toBe(6);
});

test('each kind of stuck notification is counted and named', async () => {
  const ids = {
    pending: await left('pending', 10 * MINUTE),
    queued: await left('queued', 10 * MINUTE),
    sending: await left('sending', 10 * MINUTE),
    unattempted: await left('sent', 2 * DAY),
    overdue: await left('retrying', 10 * MINUTE),
    in_doubt: await left('in_doubt', 10 * MINUTE),
  };
  const { duty, counts, found } = accounting();
  expect(await duty.runOnce()).toBe(6);
  expect(counts()).toEqual({ pending: 1, queued: 1, sending: 1, unattempted: 1, overdue: 1, in_doubt: 1 });
  expect(Object.fromEntries(found().map(({ kind, examples }) => [kind, examples[0]]))).toEqual(ids);
});

test('behind a backlog a notification that waits its turn is not reported as stuck', async () => {
  await left('queued', 10 * MINUTE);
  await left('retrying', 10 * MINUTE);
  const before = Date.now() - 11 * MINUTE;
  await bundle.producer
    .queue('email-normal')
    .add('deliver', { v: 1, id: randomUUID() }, { jobId: 'older', timestamp: before });
  expect(await accounting().duty.runOnce()).toBe(0);
});

test('a doubt that waits for a person and an attempt that may have been accepted are not stuck', async () => {
  const { sql } = bundle.db;
  const held = await left('in_doubt', 10 * MINUTE);
  await sql`update notifications set next_attempt_at = null where id = ${held}`;
  const marked = await left('sent', 2 * DAY, { attempted: true });
  await sql`update delivery_attempts set outcome = 'in_doubt', provider_message_id = null where notification_id = ${marked}`;
  expect(await accounting().duty.runOnce()).toBe(0);
});

test('a long past is checked minute by minute, a little each turn, and earlier results are kept', async () => {
  for (let hours = 40; hours > 0; hours -= 2) await left('sent', 60 * MINUTE * hours);
  const { duty, counts } = accounting(0);
  const seen = [];
  for (let turn = 0; turn < 21; turn++) {
    await duty.runOnce();
    seen.push(counts().unattempted);
  }
  expect(seen).toEqual([...Array.from({ length: 20 }, (_, index) => index + 1), 20]);
});

test('repaired or removed notifications are no longer counted', async () => {
  const { sql } = bundle.db;
  const stuckPending = await left('pending', 10 * MINUTE);
  const ancient = await left('sent', 40 * DAY);
  const { duty, counts } = accounting();
  await duty.runOnce();
  expect(counts()).toEqual({ pending: 1, unattempted: 1 });
  await sweep({ sql, producer: bundle.producer, wake: () => {} }).runOnce();
  await prune({ sql, retentionDays: 30, inboxRetentionDays: 90 }).runOnce();
  expect(await sql`select 1 from notifications where id = ${ancient}`).toHaveLength(0);
  expect(await sql`select 1 from outbox where ${stuckPending} = any (ids)`).toHaveLength(1);
  await duty.runOnce();
  await duty.runOnce();
  expect(counts()).toEqual({});
});

test('the ordinary end of a delivery leaves nothing to find', async () => {
  const { sql } = bundle.db;
  const id = await insertNotification(sql, { appId: bundle.appId, announced: false });
  const leaseToken = randomUUID();
  await claimNotifications(sql, [id], { channel: 'email', provider: 'smtp', leaseToken, leaseMs: 1000 });
  await recordOutcomes(sql, [
    {
      id,
      n: 1,
      leaseToken,
      state: 'sent',
      outcome: 'accepted',
      phase: 'answered',
      provider: 'smtp',
      latencyMs: 1,
      providerMessageId: 'x',
    },
  ]);
  await sql`update notifications set created_at = created_at - interval '1 day', updated_at = updated_at - interval '1 day'`;
  expect(await accounting().duty.runOnce()).toBe(0);
});

test('a process that loses the lead reports nothing any more', async () => {
  await left('pending', 10 * MINUTE);
  const { duty, counts, audited } = accounting();
  const startedAt = performance.now();
  await duty.runOnce();
  expect(counts()).toEqual({ pending: 1 });
  expect(audited).toHaveLength(1);
  expect(audited[0]).toBeGreaterThanOrEqual(startedAt);
  duty.standDown!();
  expect(counts()).toEqual({});
  expect(audited[1]).toBeNull();
});
