import type { Channel } from '@carillon/core/notification/channel';
import { RECEIPT_KINDS, type ReceiptKind } from '@carillon/core/provider/receipt';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { applyRejections } from '@carillon/db/receipts/apply-rejections';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { ACCOUNTS, type Consequences, type ReceiptWorld, receiptWorld } from './receipt-world.ts';

let database: TestDatabase;
let db: Database;
let world: ReceiptWorld;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  world = await receiptWorld(db.sql);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const NOTHING: Consequences = {
  suppressed: null,
  suppressedElsewhere: null,
  disabled: false,
  disabledElsewhere: false,
  softBounces: 0,
  left: [],
};

/** What follows from a receipt about a message, where anything does; of all other kinds nothing follows. */
const OF_MESSAGES: readonly [ReceiptKind, Channel, Partial<Consequences>][] = [
  ['bounced', 'email', { suppressed: 'bounce', disabled: true }],
  ['bounced', 'sms', { suppressed: 'bounce', disabled: true }],
  ['soft_bounced', 'email', { softBounces: 1 }],
  ['soft_bounced', 'sms', { softBounces: 1 }],
  ['complained', 'email', { suppressed: 'complaint' }],
  ['complained', 'sms', { suppressed: 'complaint' }],
  // STOP applies to the sender, and so to every app of the account; it does not exist for e-mail.
  ['opted_out', 'email', { suppressed: 'stop' }],
  ['opted_out', 'sms', { suppressed: 'stop', suppressedElsewhere: 'stop' }],
  // The person is known and the message has a category: a preference.
  ['unsubscribed', 'email', { left: ['news'] }],
  ['unsubscribed', 'sms', { left: ['news'] }],
  ['unsubscribed', 'push', { left: ['news'] }],
];

/** What follows from a receipt that names an address and no message: it holds for every app of the account. */
const OF_ADDRESSES: readonly [ReceiptKind, Channel, Partial<Consequences>][] = (
  ['email', 'sms', 'push'] as const
).flatMap((channel): [ReceiptKind, Channel, Partial<Consequences>][] => [
  ['bounced', channel, { ...everywhere('bounce'), disabled: true, disabledElsewhere: true }],
  ['complained', channel, everywhere('complaint')],
  ['opted_out', channel, everywhere('stop')],
  ['unsubscribed', channel, everywhere('unsubscribe')],
]);

function everywhere(reason: string): Partial<Consequences> {
  return { suppressed: reason, suppressedElsewhere: reason };
}

const cases = (table: readonly [ReceiptKind, Channel, Partial<Consequences>][]) =>
  RECEIPT_KINDS.flatMap((kind) =>
    (['email', 'sms', 'push'] as const).map((channel): [ReceiptKind, Channel, Consequences] => [
      kind,
      channel,
      { ...NOTHING, ...table.find((row) => row[0] === kind && row[1] === channel)?.[2] },
    ]),
  );

describe('a receipt about a message', () => {
  test.each(cases(OF_MESSAGES))('%s by %s', async (kind, channel, expected) => {
    const person = await world.person(channel);
    await world.receive(person, kind, { message: await world.sent(person) });
    expect(await world.consequences(person)).toEqual(expected);
  });

  test('that unsubscribes from a message without a category, or without a person, suppresses the address', async () => {
    for (const change of ['category', 'recipient_id']) {
      const person = await world.person('email');
      const message = await world.sent(person);
      await db.sql`update notifications set ${db.sql({ [change]: null })} where id = ${message}`;
      await world.receive(person, 'unsubscribed', { message });
      expect(await world.consequences(person), change).toEqual({ ...NOTHING, suppressed: 'unsubscribe' });
    }
  });
});

describe('a receipt about an address alone', () => {
  test.each(cases(OF_ADDRESSES))('%s by %s', async (kind, channel, expected) => {
    const person = await world.person(channel);
    await world.receive(person, kind, 'the address');
    expect(await world.consequences(person)).toEqual(expected);
  });
});

describe('soft bounces', () => {
  const bounceSoftly = async (person: Awaited<ReturnType<ReceiptWorld['person']>>, times: number) => {
    for (let k = 0; k < times; k++)
      await world.receive(person, 'soft_bounced', { message: await world.sent(person) });
  };

  test.each(['email', 'sms'] as const)(
    'by %s disable the contact point at the fifth, and suppress nothing',
    async (channel) => {
      const person = await world.person(channel);
      await bounceSoftly(person, 4);
      expect(await world.consequences(person)).toEqual({ ...NOTHING, softBounces: 4 });
      await bounceSoftly(person, 1);
      expect(await world.consequences(person)).toEqual({ ...NOTHING, softBounces: 5, disabled: true });
    },
  );

  test.each(['delivered', 'opened', 'clicked'] as const)('are forgiven by the receipt %s', async (kind) => {
    const person = await world.person('email');
    await bounceSoftly(person, 4);
    await world.receive(person, kind, { message: await world.sent(person) });
    expect(await world.consequences(person)).toEqual(NOTHING);
  });

  test('do not count again for the same message', async () => {
    const person = await world.person('email');
    const message = await world.sent(person);
    await world.receive(person, 'soft_bounced', { message });
    await world.receive(person, 'soft_bounced', { message });
    expect(await world.consequences(person)).toEqual({ ...NOTHING, softBounces: 1 });
  });
});

describe('START', () => {
  test('lifts STOP in every app of the account', async () => {
    const person = await world.person('sms');
    await world.receive(person, 'opted_out', 'the address');
    expect(await world.consequences(person)).toMatchObject(everywhere('stop'));
    await world.receive(person, 'opted_in', 'the address');
    expect(await world.consequences(person)).toEqual(NOTHING);
  });

  test.each(['bounced', 'complained', 'unsubscribed'] as const)(
    'does not lift what came by %s',
    async (kind) => {
      const person = await world.person('sms');
      await world.receive(person, kind, 'the address');
      const before = await world.consequences(person);
      expect(before.suppressed).not.toBeNull();
      await world.receive(person, 'opted_in', 'the address');
      expect(await world.consequences(person)).toEqual(before);
    },
  );
});

test('the first reason stays: a complaint after a bounce changes nothing', async () => {
  const person = await world.person('email');
  await world.receive(person, 'bounced', 'the address');
  await world.receive(person, 'complained', 'the address');
  expect(await world.consequences(person)).toMatchObject(everywhere('bounce'));
});

test('no suppression has an end', async () => {
  const columns = await db.sql<{ name: string }[]>`
    select column_name as name from information_schema.columns where table_name = 'suppressions' order by 1`;
  expect(columns.map(({ name }) => name)).toEqual([
    'added_by',
    'address_hash',
    'app_id',
    'attempt',
    'channel',
    'created_at',
    'detail',
    'environment',
    'event_id',
    'notification_id',
    'provider_account',
    'reason',
  ]);
});

describe('an address that the provider refuses in its answer to a send', () => {
  test.each([
    ['email', false, { suppressed: 'bounce', disabled: true }],
    ['sms', false, { disabled: true }],
    ['push', false, { disabled: true }],
    ['sms', true, everywhere('stop')],
  ] as [Channel, boolean, Partial<Consequences>][])(
    'by %s, opted out: %s',
    async (channel, optedOut, expected) => {
      const person = await world.person(channel);
      const attempt = { id: await world.sent(person), n: 1 };
      const { address } = person;
      const of = { appId: world.appId, environment: 'test', channel, address, detail: 'refused' } as const;
      await db.sql.begin((tx) =>
        applyRejections(tx, [{ ...of, attempt, account: ACCOUNTS[channel], optedOut }]),
      );
      expect(await world.consequences(person)).toEqual({ ...NOTHING, ...expected });
    },
  );
});
