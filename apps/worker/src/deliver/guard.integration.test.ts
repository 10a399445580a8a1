import { randomUUID } from 'node:crypto';
import type { Uncalled } from '@carillon/core/notification/attempt-end';
import type { Channel } from '@carillon/core/notification/channel';
import { nextState } from '@carillon/core/notification/next-state';
import type { Priority } from '@carillon/core/notification/priority';
import { databaseClock } from '@carillon/core/program/database-clock';
import type { Cap, Preferences } from '@carillon/core/recipient/preferences';
import { addressHash, addressHashes, type SuppressionReason } from '@carillon/core/recipient/suppression';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { releaseClaims } from '@carillon/db/attempts/release-claims';
import { openDatabase } from '@carillon/db/connection/client';
import { releaseScheduled } from '@carillon/db/outbox/scheduled';
import { type CapAsk, takeCaps } from '@carillon/db/preferences/caps';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laneContext } from '../../../../test/support/delivery-context.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, type NewNotification, stateOf } from '../../../../test/support/rows.ts';
import { DEFAULT_SETTINGS } from './category-settings.ts';
import type { Claimed } from './claimed.ts';
import type { LaneContext } from './context.ts';
import { guard } from './guard.ts';

let bundle: LaneBundle;
let db: LaneBundle['db'];
let appId: string;

beforeAll(async () => {
  bundle = await laneBundle({ counts: 'kept' });
  ({ db, appId } = bundle);
});
afterAll(() => bundle.close());

const never = (error: unknown): void => {
  throw error;
};

interface Message extends Partial<NewNotification> {
  recipient?: string;
  category?: string;
}

async function message({ recipient, category, ...given }: Message = {}): Promise<string> {
  const id = await insertNotification(db.sql, { appId, ...given });
  await db.sql`
    update notifications set recipient_id = ${recipient ?? null}, category = ${category ?? null} where id = ${id}`;
  return id;
}

async function person(preferences: Partial<Preferences>): Promise<string> {
  const id = randomUUID();
  const { channels = {}, categories = {}, quiet_hours = null, caps = [], paused_until = null } = preferences;
  await db.sql`insert into recipients (app_id, environment, id) values (${appId}, 'test', ${id})`;
  await db.sql`
    insert into user_preferences (app_id, environment, recipient_id, channels, categories, quiet_hours, caps,
      paused_until)
    values (${appId}, 'test', ${id}, ${db.sql.json(channels)}, ${db.sql.json(categories)},
      ${quiet_hours && db.sql.json({ ...quiet_hours })}, ${db.sql.json(caps.map((cap) => ({ ...cap })))},
      ${paused_until}::text::timestamptz)`;
  return id;
}

async function suppress(channel: Channel, address: string, reason: SuppressionReason = 'manual') {
  await db.sql`
    insert into suppressions (app_id, environment, channel, address_hash, reason)
    values (${appId}, 'test', ${channel}, ${addressHash(appId, channel, address)}, ${reason})`;
}

/** Claims, runs the guard and records its result; returns the ids that would go to a provider. */
async function pass(
  ids: readonly string[],
  {
    channel = 'email',
    context = laneContext({ sql: db.sql, onError: never }),
    sql = db.sql,
  }: PassOptions = {},
): Promise<string[]> {
  const leaseToken = randomUUID();
  const rows = await claimNotifications(sql, ids, { channel, provider: 'p', leaseToken, leaseMs: 30_000 });
  const steps = await Promise.all(
    rows.map(async (row) => {
      const claimed: Claimed = { ...row, leaseToken, expectedProvider: 'p', leaseEndsAt: Infinity };
      return { claimed, step: await guard(context, claimed) };
    }),
  );
  const releases = steps.flatMap(({ claimed, step }) =>
    step.ok ? [] : [nextState(claimed, step.end as Uncalled)],
  );
  await releaseClaims(sql, releases);
  return steps.filter(({ step }) => step.ok).map(({ claimed }) => claimed.id);
}
interface PassOptions {
  channel?: Channel;
  context?: LaneContext;
  sql?: LaneBundle['db']['sql'];
}

/** As `retrying` with its attempt given back: the state after a wait for a limit. */
async function giveBack(id: string): Promise<void> {
  const [row] = await db.sql<{ lease_token: string; attempt_count: number }[]>`
    select lease_token, attempt_count from notifications where id = ${id}`;
  const { lease_token: leaseToken, attempt_count: n } = row!;
  await releaseClaims(db.sql, [{ id, n, leaseToken, state: 'retrying', reason: 'limit', dueInMs: 0 }]);
}

const lastWords = async (id: string): Promise<string | undefined> => {
  const [row] = await db.sql<{ reason: string }[]>`
    select reason from notification_history where notification_id = ${id} order by id desc limit 1`;
  return row?.reason;
};

describe('a suppressed address', () => {
  test('is never written to, however it is spelt and however urgent the message', async () => {
    await suppress('email', 'Gone@Example.test', 'complaint');
    for (const priority of ['critical', 'normal', 'bulk'] as const) {
      const id = await message({ email: 'gone@example.TEST', priority });
      expect(await pass([id])).toEqual([]);
      expect(await stateOf(db.sql, id)).toMatchObject({ state: 'suppressed', attempt_count: 0 });
      expect(await lastWords(id)).toBe('the email address is suppressed (complaint)');
    }
  });

  test('is not written to under an older spelling of it, nor where the suppression has that', async () => {
    const old = '+4407911123456';
    await suppress('sms', '+447911123456', 'stop');
    const texted = async (phone: string) => {
      const id = await message({ channel: 'sms' });
      await db.sql`update notifications set address = ${db.sql.json({ phone })} where id = ${id}`;
      return id;
    };
    const one = await texted(old);
    expect(await pass([one], { channel: 'sms' })).toEqual([]);
    expect((await stateOf(db.sql, one)).state).toBe('suppressed');

    const [, asStored] = addressHashes(appId, 'sms', '+49017612345678');
    await db.sql`
      insert into suppressions (app_id, environment, channel, address_hash, reason)
      values (${appId}, 'test', 'sms', ${asStored!}, 'manual')`;
    expect(await pass([await texted('+49017612345678')], { channel: 'sms' })).toEqual([]);
  });

  test('is one of one app, one environment and one channel', async () => {
    const other = randomUUID();
    const address = 'elsewhere@example.test';
    const key = addressHash(other, 'email', address);
    await db.sql`
      insert into suppressions (app_id, environment, channel, address_hash, reason) values
        (${other}, 'test', 'email', ${key}, 'manual'),
        (${appId}, 'live', 'email', ${addressHash(appId, 'email', address)}, 'manual'),
        (${appId}, 'test', 'push', ${addressHash(appId, 'push', address)}, 'manual')`;
    const id = await message({ email: address });
    expect(await pass([id])).toEqual([id]);
  });

  test('sends the message on by the next channel of its route', async () => {
    await suppress('email', 'one-way@example.test');
    const id = await message({ email: 'one-way@example.test', route: ['email', 'sms'] });
    expect(await pass([id])).toEqual([]);
    expect(await lastWords(id)).toBe('the email address is suppressed (manual); goes on by sms');
    const [row] = await db.sql`select state, channel from notifications where id = ${id}`;
    expect(row).toEqual({ state: 'pending', channel: 'sms' });
    expect(await db.sql`select ids from outbox where lane = 'sms-normal' and ${id} = any (ids)`).toHaveLength(
      1,
    );
    expect(await pass([id], { channel: 'sms' })).toEqual([id]);
  });

  test('among a hundred others is the only one that is not written to', async () => {
    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, n) => message({ email: `crowd${n}@example.test` })),
    );
    await suppress('email', 'crowd42@example.test', 'stop');
    const passed = await pass(ids);
    expect(new Set(passed)).toEqual(new Set(ids.filter((_, n) => n !== 42)));
  });
});

describe('an opt-out', () => {
  test('of a channel applies to every priority', async () => {
    const recipient = await person({ channels: { email: false } });
    for (const priority of ['critical', 'normal', 'bulk'] as const) {
      const id = await message({ recipient, priority });
      expect(await pass([id])).toEqual([]);
      expect((await stateOf(db.sql, id)).state).toBe('skipped');
    }
  });

  test('of a channel sends the message on by the next, unless that one is opted out of too', async () => {
    const recipient = await person({ channels: { email: false, sms: false } });
    const id = await message({ recipient, route: ['email', 'sms'] });
    await pass([id]);
    await pass([id], { channel: 'sms' });
    expect(await stateOf(db.sql, id)).toMatchObject({ state: 'skipped', attempt_count: 0 });
    expect(await lastWords(id)).toBe('the recipient has opted out of sms');
  });

  test('of a category ends the message on every channel, unless it is critical', async () => {
    const recipient = await person({ categories: { marketing: false } });
    const route: Channel[] = ['email', 'sms'];
    const ids = await Promise.all(
      (['critical', 'normal', 'bulk'] satisfies Priority[]).map((priority) =>
        message({ recipient, priority, route, category: 'marketing' }),
      ),
    );
    expect(await pass(ids)).toEqual([ids[0]]);
    for (const id of ids.slice(1)) expect((await stateOf(db.sql, id)).state).toBe('skipped');
    const other = await message({ recipient, category: 'orders' });
    expect(await pass([other])).toEqual([other]);
  });

  test('of a locked category does not count; without a word, one that is off by default is not sent', async () => {
    const under = (rule: Partial<typeof DEFAULT_SETTINGS>) => {
      const context = laneContext({ sql: db.sql, onError: never });
      Object.assign(context, { categories: { settingsFor: () => ({ ...DEFAULT_SETTINGS, ...rule }) } });
      return { context };
    };
    const leaver = await person({ categories: { terms: false } });
    const id = await message({ recipient: leaver, category: 'terms' });
    expect(await pass([id], under({ locked: true }))).toEqual([id]);

    const silent = await person({});
    const unwanted = await message({ recipient: silent, category: 'beta' });
    expect(await pass([unwanted], under({ defaultOn: false }))).toEqual([]);
    expect(await lastWords(unwanted)).toBe(
      'the category beta is off by default and the recipient has not opted in',
    );
    const eager = await message({
      recipient: await person({ categories: { beta: true } }),
      category: 'beta',
    });
    expect(await pass([eager], under({ defaultOn: false }))).toEqual([eager]);
    const bare = await message({ category: 'beta' });
    expect(await pass([bare], under({ defaultOn: false }))).toEqual([bare]);
  });

  test('of a category applies in whatever case it and the message were stored', async () => {
    const recipient = await person({ categories: { Marketing: false } });
    for (const category of ['marketing', 'Marketing', 'MARKETING'])
      expect(await pass([await message({ recipient, category })])).toEqual([]);
    const back = await person({ categories: { Marketing: false, marketing: true } });
    const id = await message({ recipient: back, category: 'Marketing' });
    expect(await pass([id])).toEqual([id]);
  });
});

describe('quiet hours', () => {
  const quiet_hours = { start: '22:00', end: '08:00', time_zone: 'Africa/Lagos' };
  const night = Date.parse('2030-05-01T22:30:00Z');
  const morning = Date.parse('2030-05-02T07:00:00Z');
  const contextAt = (nowMs: number) =>
    laneContext({ sql: db.sql, onError: never, clock: { ...databaseClock(), now: () => nowMs } });

  test('hold a message until their end, which costs no attempt, and then it goes', async () => {
    const recipient = await person({ quiet_hours });
    const id = await message({ recipient });
    expect(await pass([id], { context: contextAt(night) })).toEqual([]);
    const held = await stateOf(db.sql, id);
    expect(held).toMatchObject({ state: 'scheduled', attempt_count: 0, tries: 0 });
    const waitMs = held.next_attempt_at!.getTime() - Date.now();
    expect(Math.abs(waitMs - (morning - night))).toBeLessThan(10_000);

    // The promoter releases it, and its old job, finished and kept for Bull Board, is replaced.
    await db.sql`update notifications set next_attempt_at = now() where id = ${id}`;
    expect(await releaseScheduled(db.sql, [id], 0)).toBe(1);
    expect(await db.sql`select kind from outbox where ${id} = any (ids) order by id desc limit 1`).toEqual([
      { kind: 'delivery.resumed' },
    ]);
    expect(await pass([id], { context: contextAt(morning) })).toEqual([id]);
  });

  test('never hold a critical message, nor one to a person without quiet hours', async () => {
    const ids = [
      await message({ recipient: await person({ quiet_hours }), priority: 'critical' }),
      await message({ recipient: await person({}) }),
    ];
    expect((await pass(ids, { context: contextAt(night) })).sort()).toEqual(ids.sort());
  });

  test('expire at once a message that would expire while it is held', async () => {
    const recipient = await person({ quiet_hours });
    const tooSoon = await message({ recipient, expiresAt: new Date(morning) });
    const inTime = await message({ recipient, expiresAt: new Date(morning + 1000) });
    await pass([tooSoon, inTime], { context: contextAt(night) });
    expect((await stateOf(db.sql, tooSoon)).state).toBe('expired');
    expect(await lastWords(tooSoon)).toContain('within the recipient');
    expect((await stateOf(db.sql, inTime)).state).toBe('scheduled');
  });
});

describe('a pause', () => {
  const until = Date.parse('2030-05-02T07:00:00Z');
  const paused_until = '2030-05-02T09:00:00.000+02:00';
  const contextAt = (nowMs: number) =>
    laneContext({ sql: db.sql, onError: never, clock: { ...databaseClock(), now: () => nowMs } });

  test('holds a message until its end, which costs no attempt, and then it goes', async () => {
    const id = await message({ recipient: await person({ paused_until }) });
    expect(await pass([id], { context: contextAt(until - 3_600_000) })).toEqual([]);
    const held = await stateOf(db.sql, id);
    expect(held).toMatchObject({ state: 'scheduled', attempt_count: 0, tries: 0 });
    expect(Math.abs(held.next_attempt_at!.getTime() - Date.now() - 3_600_000)).toBeLessThan(10_000);
    expect(await lastWords(id)).toBe(
      'the recipient has paused all messages (until 2030-05-02T07:00:00.000Z)',
    );
    await db.sql`update notifications set next_attempt_at = now() where id = ${id}`;
    expect(await pass([id], { context: contextAt(until) })).toEqual([id]);
  });

  test('expires at once a message that would expire meanwhile, and holds no critical one', async () => {
    const recipient = await person({ paused_until });
    const tooSoon = await message({ recipient, expiresAt: new Date(until) });
    const critical = await message({ recipient, priority: 'critical' });
    expect(await pass([tooSoon, critical], { context: contextAt(until - 3_600_000) })).toEqual([critical]);
    expect((await stateOf(db.sql, tooSoon)).state).toBe('expired');
  });
});

test('an opt-out of a category by one channel skips that channel and sends by the next of the route', async () => {
  const recipient = await person({ categories: { news: { email: false }, orders: false } });
  const id = await message({ recipient, category: 'News' });
  await db.sql`update notifications set route = '{email,sms}' where id = ${id}`;
  expect(await pass([id])).toEqual([]);
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'pending' });
  expect(await db.sql`select channel from notifications where id = ${id}`).toEqual([{ channel: 'sms' }]);
});

describe('a cap', () => {
  const capped = (...caps: Cap[]) => person({ caps });
  const hour = { window_seconds: 3600 };
  const askOf = (recipientId: string, cap: Cap): CapAsk => ({
    id: randomUUID(),
    appId,
    environment: 'test',
    recipientId,
    channel: 'email',
    category: null,
    caps: [cap],
  });
  const skipped = async (ids: readonly string[]) => {
    const states = await Promise.all(ids.map(async (id) => (await stateOf(db.sql, id)).state));
    return states.filter((state) => state === 'skipped').length;
  };

  test('is kept exactly when a whole chunk comes for one person at once', async () => {
    const recipient = await capped({ max: 3, ...hour });
    const ids = await Promise.all(Array.from({ length: 40 }, () => message({ recipient })));
    expect(await pass(ids)).toHaveLength(3);
    expect(await skipped(ids)).toBe(37);
  });

  test('is kept exactly between workers that count for the same people at the same moment', async () => {
    const workers = Array.from({ length: 4 }, () =>
      openDatabase({ url: bundle.databaseUrl, name: 'worker' }),
    );
    await Promise.all(workers.map(({ sql }) => sql`select 1`));
    try {
      for (let round = 0; round < 10; round++) {
        const people = Array.from({ length: 20 }, () => randomUUID());
        const answers = await Promise.all(
          workers.map(({ sql }, worker) => {
            const crowd = worker % 2 === 0 ? people : people.toReversed();
            const asks = crowd.map((recipientId) => askOf(recipientId, { max: 2, ...hour }));
            return takeCaps(sql, asks);
          }),
        );
        expect(answers.flat().filter((refusal) => refusal === null)).toHaveLength(people.length * 2);
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
    }
  });

  test('counts a notification once, however often it comes', async () => {
    const recipient = await capped({ max: 1, ...hour });
    const id = await message({ recipient });
    for (let turn = 0; turn < 3; turn++) {
      expect(await pass([id])).toEqual([id]);
      await giveBack(id);
    }
    const second = await message({ recipient });
    expect(await pass([second])).toEqual([]);
    expect(await lastWords(second)).toBe("the recipient's cap is reached: at most 1 in 3600 s");
  });

  test('counts a message that waited at the time it is sent, so that it is kept in every window', async () => {
    const recipient = await capped({ max: 1, ...hour });
    const waits = await message({ recipient });
    await pass([waits]);
    await giveBack(waits);
    await db.sql`update cap_uses set at = at - interval '2 hours' where recipient_id = ${recipient}`;
    expect(await pass([waits])).toEqual([waits]);
    expect(await pass([await message({ recipient })])).toEqual([]);
  });

  test('of a channel counts and limits that channel only, also when a message changes to it', async () => {
    const recipient = await capped({ channel: 'sms', max: 1, ...hour });
    const first = await message({ recipient, channel: 'sms' });
    expect(await pass([first], { channel: 'sms' })).toEqual([first]);
    const byMail = await message({ recipient });
    expect(await pass([byMail])).toEqual([byMail]);
    const second = await message({ recipient, channel: 'sms' });
    expect(await pass([second], { channel: 'sms' })).toEqual([]);
  });

  test('of a category does not limit another', async () => {
    const recipient = await capped({ category: 'marketing', max: 1, ...hour });
    const ids = await Promise.all(
      ['marketing', 'marketing', 'orders', undefined].map((category) =>
        message({ recipient, ...(category ? { category } : {}) }),
      ),
    );
    expect(await pass(ids)).toHaveLength(3);
  });

  test('of a category counts it in whatever case it was stored', async () => {
    const recipient = await capped({ category: 'Marketing', max: 2, ...hour });
    for (const [category, passes] of [
      ['Marketing', true],
      ['marketing', true],
      ['MARKETING', false],
    ] as const)
      expect(await pass([await message({ recipient, category })])).toHaveLength(passes ? 1 : 0);
  });

  test('lets the next one go when its window has passed', async () => {
    const recipient = await capped({ max: 1, ...hour });
    await pass([await message({ recipient })]);
    await db.sql`update cap_uses set at = at - interval '1 hour' where recipient_id = ${recipient}`;
    const next = await message({ recipient });
    expect(await pass([next])).toEqual([next]);
  });

  test('neither holds back nor counts critical messages', async () => {
    const recipient = await capped({ max: 1, ...hour });
    const code = () => message({ recipient, priority: 'critical' });
    const codes = await Promise.all([code(), code()]);
    expect(await pass(codes)).toHaveLength(2);
    const usual = await message({ recipient });
    expect(await pass([usual])).toEqual([usual]);
    const last = await code();
    expect(await pass([last])).toEqual([last]);
  });

  test.each([
    ['an address that is refused', 'failed', 'bad_recipient', true],
    ['tries that all failed before the provider took it', 'dead', 'transient', true],
    ['a provider that took it', 'sent', 'accepted', false],
    ['a doubt that no one settled', 'dead', 'in_doubt', false],
  ] as const)(
    'counts messages that were sent, not those that certainly were not: %s',
    async (_, state, outcome, isGivenBack) => {
      const recipient = await capped({ max: 1, ...hour });
      const first = await message({ recipient });
      expect(await pass([first])).toEqual([first]);
      await db.sql`
      update delivery_attempts set outcome = ${outcome}, finished_at = now(), phase = 'answered',
        provider_message_id = ${outcome === 'accepted' ? 'm-1' : null}
      where notification_id = ${first}`;
      await db.sql`
      update notifications set state = ${state}, lease_token = null, lease_until = null where id = ${first}`;
      const next = await message({ recipient });
      expect(await pass([next])).toEqual(isGivenBack ? [next] : []);
    },
  );

  test('is not counted by a message that something else holds back', async () => {
    const recipient = await person({ caps: [{ max: 1, ...hour }], categories: { marketing: false } });
    await suppress('email', 'capped@example.test');
    await pass([
      await message({ recipient, category: 'marketing' }),
      await message({ recipient, email: 'capped@example.test' }),
    ]);
    const next = await message({ recipient });
    expect(await pass([next])).toEqual([next]);
  });
});

test('nothing is sent while the guard cannot read: the claim is given back', async () => {
  const gone = openDatabase({ url: bundle.databaseUrl, name: 'gone' });
  await gone.close();
  const errors: unknown[] = [];
  const context = laneContext({ sql: gone.sql, onError: (error) => errors.push(error) });
  const id = await message();
  expect(await pass([id], { context })).toEqual([]);
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'retrying', attempt_count: 0 });
  expect(errors).toHaveLength(1);
});

test('a message that waits repeatedly for the same reason records it once in its timeline', async () => {
  const id = await message();
  for (let turn = 0; turn < 4; turn++) {
    await pass([id]);
    await giveBack(id);
  }
  const reasons = async () =>
    (await db.sql`select reason from notification_history where notification_id = ${id} order by id`).map(
      (row) => row.reason,
    );
  expect(await reasons()).toEqual(['limit']);
  await db.sql`
    insert into notification_history (notification_id, state, actor, reason) values (${id}, 'retrying', 'deliver', 'breaker')`;
  await pass([id]);
  await giveBack(id);
  expect(await reasons()).toEqual(['limit', 'breaker', 'limit']);
});
