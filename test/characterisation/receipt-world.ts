import { randomUUID } from 'node:crypto';
import type { Channel } from '@carillon/core/notification/channel';
import type { Receipt, ReceiptKind } from '@carillon/core/provider/receipt';
import { addressHash } from '@carillon/core/recipient/suppression';
import { receiveReceipts } from '@carillon/db/receipts/receive-receipts';
import type { Sql } from 'postgres';
import { insertApp, insertNotification } from '../support/rows.ts';

/** Two apps that send through the same accounts, a person of both, and messages to them. */
export interface ReceiptWorld {
  appId: string;
  otherAppId: string;
  person(channel: Channel): Promise<Person>;
  /** A message to the person that an account has accepted; it is a `sent` one of the category `News`. */
  sent(person: Person): Promise<string>;
  /** Takes a receipt of an account about a message, or about nothing but an address. */
  receive(person: Person, kind: ReceiptKind, about: { message: string } | 'the address'): Promise<void>;
  consequences(person: Person): Promise<Consequences>;
}

export interface Person {
  channel: Channel;
  id: string;
  address: string;
}

/** What an app does differently from then on. */
export interface Consequences {
  /** Why the sending app no longer uses the address. */
  suppressed: string | null;
  /** The same of another app, which sends through the same account. */
  suppressedElsewhere: string | null;
  /** Whether the contact point of the person is disabled, and in the other app. */
  disabled: boolean;
  disabledElsewhere: boolean;
  softBounces: number;
  /** Categories that the person has unsubscribed from. */
  left: string[];
}

export const ACCOUNTS = { email: 'mails', sms: 'texts', push: 'pushes', in_app: 'inbox' } as const;
const KINDS = { email: 'email', sms: 'phone', push: 'fcm', in_app: null } as const;

export async function receiptWorld(sql: Sql): Promise<ReceiptWorld> {
  const [appId, otherAppId] = [await insertApp(sql), await insertApp(sql)];
  for (const [channel, id] of Object.entries(ACCOUNTS))
    await sql`
      insert into provider_accounts (id, provider, channel, environments, position, managed_by)
      values (${id}, 'generic', ${channel}, '{test}', 1, 'file')`;
  let persons = 0;

  const suppressedBy = async (app: string, { channel, address }: Person): Promise<string | null> => {
    const [row] = await sql<{ reason: string }[]>`
      select reason from suppressions
      where app_id = ${app} and channel = ${channel} and address_hash = ${addressHash(app, channel, address)}`;
    return row?.reason ?? null;
  };
  const pointOf = async (app: string, { id }: Person) => {
    const [row] = await sql<{ disabled: boolean; softBounces: number }[]>`
      select disabled_at is not null as disabled, soft_bounces as "softBounces" from contact_points
      where app_id = ${app} and recipient_id = ${id}`;
    if (!row) throw new Error(`${id} has no contact point`);
    return row;
  };

  return {
    appId,
    otherAppId,
    person: async (channel) => {
      persons += 1;
      const id = `person-${persons}`;
      const address = {
        email: `${id}@example.test`,
        sms: `+1415555${String(1000 + persons)}`,
        push: `token-${persons}`,
        in_app: id,
      }[channel];
      for (const app of [appId, otherAppId]) {
        await sql`insert into recipients (app_id, environment, id) values (${app}, 'test', ${id})`;
        // The inbox needs no contact point.
        if (channel === 'in_app') continue;
        await sql`
          insert into contact_points (app_id, environment, recipient_id, kind, address)
          values (${app}, 'test', ${id}, ${KINDS[channel]}, ${address})`;
      }
      return { channel, id, address };
    },
    sent: async ({ channel, id: person, address }) => {
      const id = await insertNotification(sql, { appId, channel, announced: false });
      const direct = { email: { email: address }, sms: { phone: address } }[channel as string] ?? null;
      await sql`
        update notifications
        set state = 'sent', provider = ${ACCOUNTS[channel]}, attempt_count = 1, recipient_id = ${person}, category = 'News', address = ${direct && sql.json(direct)}
        where id = ${id}`;
      await sql`
        insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id)
        values (${id}, 1, 'answered', ${channel}, ${ACCOUNTS[channel]}, now(), 'accepted', ${`their-${id}`})`;
      return id;
    },
    receive: async ({ channel, address }, kind, about) => {
      const found = about === 'the address' ? { address } : { attemptId: `${about.message}/1` };
      const url = kind === 'clicked' ? { url: 'https://shop.test/x' } : {};
      const receipt: Receipt = { eventId: randomUUID(), kind, code: 'C1', detail: 'words', ...found, ...url };
      await receiveReceipts(sql, [{ account: ACCOUNTS[channel], receipt }]);
    },
    consequences: async (person) => {
      const [own, other] = [await pointOf(appId, person), await pointOf(otherAppId, person)];
      const [wishes] = await sql<{ categories: Record<string, boolean> }[]>`
        select categories from user_preferences where app_id = ${appId} and recipient_id = ${person.id}`;
      return {
        suppressed: await suppressedBy(appId, person),
        suppressedElsewhere: await suppressedBy(otherAppId, person),
        disabled: own.disabled,
        disabledElsewhere: other.disabled,
        softBounces: own.softBounces,
        left: Object.entries(wishes?.categories ?? {}).flatMap(([name, wanted]) => (wanted ? [] : [name])),
      };
    },
  };
}
