import { laneOf } from '@carillon/core/notification/lane';
import type { State } from '@carillon/core/notification/states';
import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import { reviveByHand } from '@carillon/db/doubts/revive-by-hand';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { laneExpecting } from '../../../../test/support/delivery-context.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { laneLimit } from './concurrency-limits.ts';
import { createHandler } from './consume.ts';

const LANE = laneOf('email', 'normal');
const ACCEPTING: RegisteredAccount = {
  id: 'smtp',
  order: 1,
  weight: 1,
  environments: ['live', 'test'],
  adapter: {
    provider: 'smtp',
    channel: 'email',
    guarantee: 'D',
    serves: () => true,
    send: async () => ({ class: 'accepted', providerMessageId: 'm-1' }),
    close: async () => {},
  },
};

let bundle: LaneBundle;
beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(() => bundle.close());

/** Ended like this, with its job in the failed set; then a person presses Retry in Bull Board. */
async function retried(state: State, lastOutcome: string) {
  const { db, appId, producer } = bundle;
  const id = await insertNotification(db.sql, { appId, state });
  await db.sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome)
    values (${id}, 1, 'written', 'email', 'sendgrid', now(), ${lastOutcome})`;
  await db.sql`
    update notifications set attempt_count = 1, tries = 1, provider = 'sendgrid', tried = array['resend'],
      error_code = 'timeout', error = 'no answer' where id = ${id}`;

  const claims: string[] = [];
  const context = laneExpecting('smtp', {
    sql: db.sql,
    lane: LANE,
    accounts: [ACCEPTING],
    seams: {
      at: (point, about) => {
        if (point === 'claimed') claims.push(about.id);
        return undefined;
      },
    },
    onError: (error) => {
      throw error;
    },
  });
  const handle = createHandler({
    context,
    producer,
    limit: laneLimit(new PrioritySemaphore(10)),
    revive: (wanted) => reviveByHand(db.sql, wanted),
    onCanary: () => {},
  });
  const verdict = await handle({ data: { v: 1, id }, retriedByHand: true });
  const audit = await db.sql`select action from audit_log where subject = ${`notification:${id}`}`;
  return { id, verdict, claims, audit: audit.map(({ action }) => action) };
}

test.each<State>(['in_doubt', 'dead', 'failed'])(
  'Retry in Bull Board does not send a %s one again whose last call may have arrived, and shows what to do',
  async (state) => {
    const { id, verdict, claims, audit } = await retried(state, 'in_doubt');
    expect(verdict).toEqual({
      verdict: 'failed',
      reason: expect.stringMatching(`^${state}: not sent again.*dashboard.*${id}/retry`),
    });
    expect(claims).toEqual([]);
    expect(await stateOf(bundle.db.sql, id)).toMatchObject({
      state,
      attempt_count: 1,
      error_code: 'timeout',
    });
    expect(audit).toEqual([]);
  },
);

test.each<State>(['dead', 'failed'])(
  'Retry in Bull Board sends a %s one again that certainly did not arrive, through any account',
  async (state) => {
    const { id, verdict, audit } = await retried(state, 'transient');
    expect(verdict).toEqual({ verdict: 'done' });
    expect(await stateOf(bundle.db.sql, id)).toMatchObject({ state: 'sent', attempt_count: 2, tries: 1 });
    const [row] = await bundle.db.sql`select tried from notifications where id = ${id}`;
    expect(row).toEqual({ tried: null });
    expect(audit).toEqual(['notification.retried_in_bull_board']);
  },
);

test('Retry in Bull Board finds nothing to revive in one that went on meanwhile', async () => {
  const { id, verdict, audit } = await retried('cancelled', 'in_doubt');
  expect(verdict).toEqual({ verdict: 'done' });
  expect(await stateOf(bundle.db.sql, id)).toMatchObject({ state: 'cancelled' });
  expect(audit).toEqual([]);
});
