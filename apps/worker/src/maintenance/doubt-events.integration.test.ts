import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ResolverUnderTest, resolverUnderTest } from '../../../../test/support/resolver-under-test.ts';
import { stateOf } from '../../../../test/support/rows.ts';

let it: ResolverUnderTest;
beforeAll(async () => {
  it = await resolverUnderTest();
});
afterAll(() => it.close());
beforeEach(async () => {
  await it.db.sql`delete from webhook_endpoints`;
  await it.db.sql`update notifications set next_attempt_at = null where state = 'in_doubt'`;
});
afterEach(() => expect(it.errors).toEqual([]));

const behave = (mode: string) => it.simulator.behave({ provider: '*', mode });
const endpoint = () => it.db.sql`
  insert into webhook_endpoints (app_id, environment, url, secret, data_key, key_id)
  values (${it.appId}, 'test', 'https://customer.example/hooks', '\\x00', '\\x00', 'k')`;
const doubt = async (id: string) => {
  const { state, attempt_count } = await stateOf(it.db.sql, id);
  return { state, attempt_count };
};
const announcedAttempts = async (id: string) => {
  const rows = await it.db.sql`
    select (data ->> 'attempts')::int as attempt from events
    where notification_id = ${id} and type = 'notification.in_doubt' order by created_at`;
  return rows.map(({ attempt }) => attempt);
};
const look = async (id: string) => {
  // Longer than the pause between two repeats.
  await it.age(id, 60);
  await it.resolveOnce();
};

test('a doubt is announced once, however often its repeats settle nothing', async () => {
  await endpoint();
  await behave('accept_then_drop');
  const id = await it.send('resend');
  expect(await announcedAttempts(id)).toEqual([1]);
  for (const mode of ['accept_then_drop', 'throttle']) {
    await behave(mode);
    await look(id);
    expect(await doubt(id)).toEqual({ state: 'in_doubt', attempt_count: 1 });
  }
  const repeats = (await it.journal(id)).filter(({ state }) => state === 'sending');
  expect(repeats).toHaveLength(2);
  expect(await announcedAttempts(id)).toEqual([1]);
});

test('the doubt of a new attempt is a new doubt', async () => {
  await endpoint();
  await behave('accept_then_drop');
  const id = await it.send('fcm');
  await look(id);
  await it.deliverAgain(id);
  expect(await doubt(id)).toEqual({ state: 'in_doubt', attempt_count: 2 });
  expect(await announcedAttempts(id)).toEqual([1, 2]);
});

test('a doubt without a subscribed endpoint is announced when it comes back and there is one', async () => {
  await behave('accept_then_drop');
  const id = await it.send('resend');
  expect(await announcedAttempts(id)).toEqual([]);
  await endpoint();
  await look(id);
  expect(await doubt(id)).toEqual({ state: 'in_doubt', attempt_count: 1 });
  expect(await announcedAttempts(id)).toEqual([1]);
});
