import type { Channel } from '@carillon/core/notification/channel';
import type { SearchTerm } from '@carillon/core/notification/search-term';
import { addressHash } from '@carillon/core/recipient/suppression';
import { notificationId } from '@carillon/core/text/ids';
import type { Tenant } from '../connection/tenant.ts';
import { type NotificationRow, notificationColumns } from '../notifications/get-notification.ts';
import { listNotifications } from '../notifications/list-notifications.ts';
import { recipientsWith } from '../notifications/notification-sources.ts';
import { listRecipients } from '../recipients/list-recipients.ts';
import { listSuppressions, type SuppressionRow } from '../recipients/suppressions.ts';
import type { Reader } from '../replica/reader.ts';

/** At most this many of each kind, for each way of matching. */
export const MOST_HITS = 10;

export interface FoundNotification {
  matched: 'id' | 'attempt_id' | 'idempotency_key' | 'provider_message_id' | 'address' | 'recipient_id';
  row: NotificationRow;
}

export interface Found {
  /** The most certain matches first, then the newest; each notification once. */
  notifications: FoundNotification[];
  recipients: { matched: 'recipient_id' | 'recipient_id_prefix' | 'address'; id: string }[];
  templates: { matched: 'template_key' | 'template_key_prefix'; key: string }[];
  suppressions: SuppressionRow[];
  /** There are more than the hits show. */
  more: boolean;
}

/** Everything of the tenant that a text may name, by look-ups of which each leads straight to what it names. */
export async function findAnything(sql: Reader, tenant: Tenant, term: SearchTerm): Promise<Found> {
  const [named, byMessage, toAddress, toRecipient, people, templates, suppressions] = await Promise.all([
    namedBy(sql, tenant, term),
    listNotifications(sql, tenant, { providerMessageId: term.text }, MOST_HITS),
    listNotifications(sql, tenant, { address: term.address }, MOST_HITS),
    listNotifications(sql, tenant, { recipientId: term.text }, MOST_HITS),
    peopleOf(sql, tenant, term),
    templatesOf(sql, tenant, term.text),
    suppressionsOf(sql, tenant, term),
  ]);
  const matches = (matched: FoundNotification['matched'], rows: readonly NotificationRow[]) =>
    rows.map((row) => ({ matched, row }));
  const notifications = [
    ...named,
    ...matches('provider_message_id', byMessage.rows),
    ...matches('address', toAddress.rows),
    ...matches('recipient_id', toRecipient.rows),
  ];
  const seen = new Set<string>();
  return {
    notifications: notifications.filter(({ row: { id } }) => !seen.has(id) && seen.add(id)),
    recipients: people.rows.slice(0, MOST_HITS),
    templates: templates.slice(0, MOST_HITS),
    suppressions,
    more:
      [byMessage, toAddress, toRecipient].some(({ next }) => next !== null) ||
      people.more ||
      templates.length > MOST_HITS,
  };
}

/** By its own id, or by the id that an idempotency key makes. */
async function namedBy(
  sql: Reader,
  tenant: Tenant,
  { id, attempt, text }: SearchTerm,
): Promise<FoundNotification[]> {
  const ofKey = notificationId(tenant.appId, tenant.environment, text);
  const ids = id === null ? [ofKey] : [id, ofKey];
  const rows = await sql<NotificationRow[]>`
    select ${notificationColumns(sql)}
    from notifications n left join templates t on t.id = n.template_id
    where n.id = any (${ids}::uuid[]) and n.app_id = ${tenant.appId} and n.environment = ${tenant.environment}`;
  return rows.map((row) => ({
    matched: row.id !== id ? 'idempotency_key' : attempt === null ? 'id' : 'attempt_id',
    row,
  }));
}

async function peopleOf(sql: Reader, tenant: Tenant, { text, address }: SearchTerm) {
  const [having, beginning] = await Promise.all([
    recipientsWith(sql, tenant, address),
    listRecipients(sql, tenant, { idPrefix: text }, MOST_HITS),
  ]);
  const withAddress = having.map(({ recipientId: id }) => ({ matched: 'address' as const, id }));
  const named = beginning.rows.map(({ id }) => ({
    matched: id === text ? ('recipient_id' as const) : ('recipient_id_prefix' as const),
    id,
  }));
  return { rows: [...withAddress, ...named], more: having.length > MOST_HITS || beginning.next !== null };
}

async function templatesOf(
  sql: Reader,
  { appId, environment }: Tenant,
  text: string,
): Promise<Found['templates']> {
  const rows = await sql<{ key: string }[]>`
    select key from templates
    where app_id = ${appId} and environment = ${environment} and starts_with(key, ${text})
    order by key <> ${text}, key
    limit ${MOST_HITS + 1}`;
  return rows.map(({ key }) => ({
    matched: key === text ? ('template_key' as const) : ('template_key_prefix' as const),
    key,
  }));
}

/** An address that gets no more messages: by far the commonest answer to "why did nothing arrive?". */
async function suppressionsOf(
  sql: Reader,
  tenant: Tenant,
  { writtenTo, address }: SearchTerm,
): Promise<SuppressionRow[]> {
  const asked: [Channel, string][] = writtenTo
    ? [[writtenTo.channel, writtenTo.address]]
    : address.devices.map((device) => ['push', device]);
  const found = await Promise.all(
    asked.map(([channel, text]) =>
      listSuppressions(
        sql,
        tenant,
        { channel, addressHashes: [addressHash(tenant.appId, channel, text)], newest: false },
        1,
      ),
    ),
  );
  return found.flatMap(({ rows }) => rows);
}
