import { addressHash } from '@carillon/core/recipient/suppression';
import { applyRejections } from '@carillon/db/receipts/apply-rejections';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ResolverUnderTest, resolverUnderTest } from '../../../../test/support/resolver-under-test.ts';
import { insertApp, insertNotification, stateOf } from '../../../../test/support/rows.ts';

/** A provider's report about an address in the answer to a send, when no receipt will follow. */
type Kind = 'email' | 'phone' | 'fcm' | 'apns';
const CHANNEL = { email: 'email', phone: 'sms', fcm: 'push', apns: 'push' } as const;

let under: ResolverUnderTest;
let people = 0;
beforeAll(async () => {
  under = await resolverUnderTest();
  await under.db.sql`
    insert into provider_accounts (id, provider, channel, environments, position, managed_by)
    values ('twilio', 'twilio', 'sms', '{test}', 10, 'api')`;
});
afterAll(() => under.close());

async function person(kind: Kind, address: string, registered = 'an hour ago'): Promise<string> {
  const id = `person-${++people}`;
  const { sql } = under.db;
  await sql`insert into recipients (app_id, environment, id) values (${under.appId}, 'test', ${id})`;
  await sql`
    insert into contact_points (app_id, environment, recipient_id, kind, address, created_at)
    values (${under.appId}, 'test', ${id}, ${kind}, ${address},
      now() + ${registered === 'an hour ago' ? -1 : 1} * interval '1 hour')`;
  return id;
}

async function refuse(account: string, kind: Kind, address: string, registered?: string): Promise<string> {
  const { sql } = under.db;
  const recipient = await person(kind, address, registered);
  const id = await insertNotification(sql, { appId: under.appId, channel: CHANNEL[kind] });
  const content = { subject: 's', text: 't', title: 't', body: 'b' };
  await sql`
    update notifications set recipient_id = ${recipient}, address = null, content = ${sql.json(content)} where id = ${id}`;
  await under.deliver(account, id);
  expect((await stateOf(sql, id)).state).toBe('failed');
  return recipient;
}

const pointOf = async (recipient: string) =>
  (
    await under.db
      .sql`select disabled_at, disabled_reason from contact_points where recipient_id = ${recipient}`
  )[0]!;
const reasons = async (channel: 'email' | 'sms' | 'push', address: string, appId = under.appId) =>
  (
    await under.db
      .sql`select reason from suppressions where address_hash = ${addressHash(appId, channel, address)}`
  ).map(({ reason }) => reason);

describe('a refused address', () => {
  test.each<[string, Kind, string, string]>([
    ['fcm', 'fcm', 'bounce-token-1', 'UNREGISTERED'],
    ['smtp', 'email', 'bounce+1@example.test', '550 5.1.1'],
    ['twilio', 'phone', '+15005550001', '21211'],
  ])('of %s is disabled with the reason', async (account, kind, address, code) => {
    const point = await pointOf(await refuse(account, kind, address));
    expect(point.disabled_at).not.toBeNull();
    expect(point.disabled_reason).toContain(`${account} answered ${code}`);
  });

  test('that is a mailbox is suppressed; a number or a token is not: it may be valid again', async () => {
    await refuse('smtp', 'email', 'bounce+2@example.test');
    await refuse('twilio', 'phone', '+15005550001');
    await refuse('fcm', 'fcm', 'bounce-token-2');
    expect(await reasons('email', 'bounce+2@example.test')).toEqual(['bounce']);
    expect(await reasons('sms', '+15005550001')).toEqual([]);
    expect(await reasons('push', 'bounce-token-2')).toEqual([]);
  });

  test('that was registered again after the call counts as a new one, and stays', async () => {
    expect(await pointOf(await refuse('fcm', 'fcm', 'bounce-token-3', 'in an hour'))).toMatchObject({
      disabled_at: null,
    });
  });

  test('that was registered after the time at which the provider reports it gone stays', async () => {
    const { sql } = under.db;
    const attempt = { id: await under.send('fcm'), n: 1 };
    const refusedSince = async (since: string) => {
      const address = `gone-${since}`;
      const recipient = await person('apns', address);
      const of = { appId: under.appId, environment: 'test', channel: 'push', address } as const;
      const gone = {
        ...of,
        attempt,
        account: 'apns',
        optedOut: false,
        detail: 'gone',
        since: new Date(since),
      };
      await sql.begin((tx) => applyRejections(tx, [gone]));
      return (await pointOf(recipient)).disabled_at;
    };
    expect(await refusedSince('2020-01-01T00:00:00Z')).toBeNull();
    expect(await refusedSince('2100-01-01T00:00:00Z')).not.toBeNull();
  });

  test('that sent STOP is suppressed for every app of the sender, and its contact point stays', async () => {
    const other = await insertApp(under.db.sql);
    const point = await pointOf(await refuse('twilio', 'phone', '+15005550004'));
    expect(point.disabled_at).toBeNull();
    expect(await reasons('sms', '+15005550004')).toEqual(['stop']);
    expect(await reasons('sms', '+15005550004', other)).toEqual(['stop']);
  });
});

test("the person's other device gets the same message, without spending a try; it fails only when all are gone", async () => {
  const { sql } = under.db;
  const send = async (tokens: readonly string[]): Promise<string> => {
    const recipient = await person('fcm', tokens[0]!);
    for (const [index, token] of tokens.slice(1).entries())
      await sql`
        insert into contact_points (app_id, environment, recipient_id, kind, address, created_at)
        values (${under.appId}, 'test', ${recipient}, 'fcm', ${token}, now() - ${index + 2} * interval '1 hour')`;
    const id = await insertNotification(sql, { appId: under.appId, channel: 'push' });
    const content = { title: 't', body: 'b' };
    await sql`
      update notifications set recipient_id = ${recipient}, address = null, content = ${sql.json(content)} where id = ${id}`;
    for (const _ of tokens) await under.deliver('fcm', id);
    return id;
  };
  const reached = await send(['bounce-new', 'bounce-older', 'ok-oldest']);
  expect(await stateOf(sql, reached)).toMatchObject({ state: 'sent' });
  expect((await under.accepted(reached)).map(({ to }) => to)).toEqual(['ok-oldest']);
  const [row] = await sql`select tries from notifications where id = ${reached}`;
  expect(row).toEqual({ tries: 1 });
  expect(await stateOf(sql, await send(['bounce-a', 'bounce-b']))).toMatchObject({ state: 'failed' });
});

test('the next message to a refused mailbox is not sent', async () => {
  const { sql } = under.db;
  await refuse('smtp', 'email', 'bounce+3@example.test');
  const id = await insertNotification(sql, { appId: under.appId, email: 'bounce+3@example.test' });
  await under.deliver('smtp', id);
  expect((await stateOf(sql, id)).state).toBe('suppressed');
});

test('no error occurred', () => expect(under.errors).toEqual([]));
