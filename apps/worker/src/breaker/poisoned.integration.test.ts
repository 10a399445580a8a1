import type { AccountSettings } from '@carillon/providers/accounts/registry';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { laneParts } from '../../../../test/support/delivery-context.ts';
import { type LaneUnderTest, laneUnderTest } from '../../../../test/support/lane-under-test.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { DEFAULT_SETTINGS } from '../deliver/category-settings.ts';
import { openDelivery } from '../deliver/open-lane.ts';
import type { ResolveContext } from '../maintenance/resolve/context.ts';
import { resolve } from '../maintenance/resolve.ts';
import type { Duty } from '../service.ts';

const GOOD = 40;
const POISONED = 6;
const ACCOUNT = 'resend';

let bundle: LaneBundle;
let simulator: SimulatorUnderTest;
let lane: LaneUnderTest;
let resolver: Duty;
const changes: string[] = [];

beforeAll(async () => {
  [bundle, simulator] = await Promise.all([laneBundle(), simulatorUnderTest()]);
  const resend: AccountSettings = {
    id: ACCOUNT,
    provider: 'resend',
    environments: ['test'],
    order: 1,
    credentials: { apiKey: 're_simulator' },
    from: 'Acme <a@acme.example>',
    baseUrl: simulator.httpUrl,
  };
  lane = await laneUnderTest(bundle, {
    lane: 'email-normal',
    accounts: [resend],
    onChange: (_, { to, reason }) => changes.push(`${to}: ${reason}`),
  });
  resolver = resolverOf(lane);
});
afterAll(async () => {
  await lane.stop();
  await simulator.end();
  await bundle.close();
});

/** The resolver of the same process: the same breakers, the steps of an ordinary delivery. */
function resolverOf({ accounts, breakers, errors }: LaneUnderTest): Duty {
  const { sql } = bundle.db;
  const onError = (error: unknown): void => void errors.push(error);
  const context: ResolveContext = {
    ...openDelivery(laneParts({ sql, accounts, breakers, sendTimeoutMs: 3000, onError })),
    breakers,
    categories: { known: async () => {}, settingsFor: () => DEFAULT_SETTINGS },
    wake: () => {},
    onSettled: () => {},
  };
  return resolve(context);
}

const messageTo = (word: string) =>
  insertNotification(bundle.db.sql, {
    appId: bundle.appId,
    announced: false,
    email: `${word}@example.test`,
  });
const publish = (ids: string[]) => bundle.producer.publish('email-normal', { ids });
const count = async (ids: string[], state: string) => {
  const rows = await bundle.db.sql`
    select 1 from notifications where id = any (${ids}::uuid[]) and state = ${state}`;
  return rows.length;
};
/** How often the resolver has made their calls again. */
const repeatsOf = async (ids: string[]) => {
  const rows = await bundle.db.sql`
    select 1 from notification_history
    where notification_id = any (${ids}::uuid[]) and actor = 'resolver' and detail ->> 'decision' = 'repeat'`;
  return rows.length;
};
/** All of them are due at the same time. */
const resolveAll = async (ids: string[]) => {
  await bundle.db.sql`
    update delivery_attempts set finished_at = finished_at - interval '10 minutes'
    where notification_id = any (${ids}::uuid[])`;
  await bundle.db.sql`
    update notifications set next_attempt_at = now() where id = any (${ids}::uuid[]) and state = 'in_doubt'`;
  await resolver.runOnce();
};
const look = () => lane.breakers.duty.runOnce();

test('poisoned messages among good ones leave a healthy account in use, and their repeats are spaced', async () => {
  const good = await Promise.all(Array.from({ length: GOOD }, (_, n) => messageTo(`user${n}`)));
  const poisoned = await Promise.all(Array.from({ length: POISONED }, (_, n) => messageTo(`error+${n}`)));
  await publish([...poisoned.slice(0, 3), ...good, ...poisoned.slice(3)]);
  await until('the good ones to be sent', async () => (await count(good, 'sent')) === GOOD);
  await until('the doubts', async () => (await count(poisoned, 'in_doubt')) === POISONED);
  await look();

  await resolveAll(poisoned);
  expect(await repeatsOf(poisoned)).toBe(POISONED);
  for (let round = 1; round <= 6; round++) {
    const before = await repeatsOf(poisoned);
    await resolveAll(poisoned);
    expect((await repeatsOf(poisoned)) - before).toBeLessThan(POISONED);
    await look();
    const other = await messageTo('user');
    await publish([other]);
    await until('another one to be sent', async () => (await count([other], 'sent')) === 1);
  }
  expect(await count(poisoned, 'in_doubt')).toBe(POISONED);
  expect(lane.breakers.admits(ACCOUNT, 'a critical one')).toEqual({ admitted: true, isTrial: false });
  expect(changes).toEqual([]);
  expect(lane.errors).toEqual([]);
});

test('when the provider really fails its breaker opens, doubts or not', async () => {
  await simulator.behave({ provider: 'resend', mode: 'outage', status: 503 });
  await publish(await Promise.all(Array.from({ length: 10 }, (_, n) => messageTo(`user${n}`))));
  await until('its breaker to open', async () => {
    await look();
    return lane.breakers.isOpen(ACCOUNT);
  });
  expect(changes).toEqual([expect.stringMatching(/^open: .*asked: Resend answered HTTP 503$/)]);
});
