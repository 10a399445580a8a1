import { capsOn } from '@carillon/core/notification/caps';
import type { Channel } from '@carillon/core/notification/channel';
import {
  type Addressed,
  addressOf,
  type ContactPoint,
  composeFor,
} from '@carillon/core/notification/compose';
import type { LinkedCategory } from '@carillon/core/notification/email-links';
import type { Message } from '@carillon/core/notification/message';
import type { Breaker } from '@carillon/core/provider/breaker';
import type { RankedAccount } from '@carillon/core/provider/rank';
import { categoryName } from '@carillon/core/provider/visible-text';
import {
  type Cap,
  type CategoryRule,
  ORDINARY_CATEGORY,
  type Preferences,
} from '@carillon/core/recipient/preferences';
import { addressHashes, type SuppressionReason } from '@carillon/core/recipient/suppression';
import { readBreakers } from '@carillon/db/breakers/breakers';
import type { NewNotification } from '@carillon/db/notifications/accept-notifications';
import { isLineBusy } from '@carillon/db/order/is-line-busy';
import { peekCap } from '@carillon/db/preferences/caps';
import { loadCategories } from '@carillon/db/preferences/categories';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { listProviderAccounts } from '@carillon/db/provider-accounts/provider-accounts';
import { readPerson } from '@carillon/db/recipients/read-person';
import { findSuppressions } from '@carillon/db/recipients/suppressions';
import type { Sql, TransactionSql } from 'postgres';

/** The facts that a delivery would look up, over all channels of the route, from one snapshot. */
export interface ExplainFacts {
  /** PostgreSQL's time, in milliseconds since the epoch. */
  now: number;
  contactPoints: ContactPoint[] | null;
  preferences: Preferences | null;
  /** By channel: why the address that would be used is suppressed. */
  suppressions: ReadonlyMap<Channel, SuppressionReason>;
  /** By channel: the cap that is reached. */
  caps: ReadonlyMap<Channel, Cap>;
  /** In order. */
  accounts: readonly RankedAccount[];
  breakers: ReadonlyMap<string, Breaker>;
  category: LinkedCategory & CategoryRule;
  /** An older notification of its ordering key is open. */
  waitsInLine: boolean;
}

/** Reads them all in one snapshot; takes no lock and writes nothing. */
export async function readExplainFacts(sql: Sql, row: NewNotification): Promise<ExplainFacts> {
  const facts = await sql.begin('isolation level repeatable read read only', (tx) => read(tx, row));
  return facts as ExplainFacts;
}

async function read(tx: TransactionSql, row: NewNotification): Promise<ExplainFacts> {
  const { app_id: appId, environment, recipient_id: recipientId = null, ordering_key: orderingKey } = row;
  const person = await readPerson(tx, { appId, environment, recipientId });
  const { contact_points: contactPoints, preferences } = person;
  const rows = await listProviderAccounts(tx);
  const breakers = await readBreakers(tx as unknown as Sql);
  return {
    now: person.now.getTime(),
    contactPoints,
    preferences,
    suppressions: await readSuppressions(tx, row, contactPoints),
    caps: await readCaps(tx, row, preferences?.caps ?? []),
    accounts: rows
      .filter(({ enabled }) => enabled)
      .map(accountOf)
      .sort((a, b) => a.order - b.order),
    breakers: new Map(breakers.map((breaker) => [breaker.account, breaker])),
    category: await readCategory(tx, row),
    waitsInLine: orderingKey !== undefined && (await isLineBusy(tx, { appId, environment, orderingKey })),
  };
}

/** A notification in delivery by one of its channels, as the delivery steps see it. */
export function onChannel(
  row: NewNotification,
  channel: Channel,
  contactPoints: ContactPoint[] | null,
): Addressed {
  const { app_id, environment, recipient_id = null, address = null, options = null } = row;
  return {
    app_id,
    environment,
    channel,
    recipient_id,
    address,
    options,
    contact_points: contactPoints,
    tried: null,
  };
}

async function readSuppressions(
  tx: TransactionSql,
  row: NewNotification,
  contactPoints: ContactPoint[] | null,
): Promise<Map<Channel, SuppressionReason>> {
  const { app_id: appId, environment } = row;
  const asked = row.route.flatMap((channel) => {
    const addressed = composeFor(onChannel(row, channel, contactPoints))?.({});
    if (!addressed) return [];
    return addressHashes(appId, channel, addressOf(addressed)).map((hash) => ({
      appId,
      environment,
      channel,
      hash,
    }));
  });
  const reasons = asked.length === 0 ? [] : await findSuppressions(tx as unknown as Sql, asked);
  const found = new Map<Channel, SuppressionReason>();
  for (const [index, { channel }] of asked.entries()) {
    const reason = reasons[index];
    if (reason && !found.has(channel)) found.set(channel, reason);
  }
  return found;
}

async function readCaps(
  tx: TransactionSql,
  row: NewNotification,
  caps: readonly Cap[],
): Promise<Map<Channel, Cap>> {
  const { id, app_id: appId, environment, recipient_id: recipientId, category = null } = row;
  const reached = new Map<Channel, Cap>();
  if (recipientId === undefined) return reached;
  for (const channel of row.route) {
    const limiting = capsOn(caps, { channel, category });
    if (limiting.length === 0) continue;
    const cap = await peekCap(tx, { id, appId, environment, recipientId, channel, category, caps: limiting });
    if (cap) reached.set(channel, cap);
  }
  return reached;
}

const PLAIN: LinkedCategory & CategoryRule = {
  ...ORDINARY_CATEGORY,
  unsubscribable: false,
  trackOpens: false,
  trackClicks: false,
};

/** Its own settings, else those of `*`. Tracking is off: there is no attempt that opens and clicks could belong to. */
async function readCategory(
  tx: TransactionSql,
  { app_id: appId, environment, category }: NewNotification,
): Promise<LinkedCategory & CategoryRule> {
  if (category === undefined) return PLAIN;
  const rows = (await loadCategories(tx as unknown as Sql)).filter(
    (row) => row.appId === appId && row.environment === environment,
  );
  const named = (name: string) => rows.filter((row) => categoryName(row.name) === name).at(-1);
  const { unsubscribable, defaultOn, locked } = named(categoryName(category)) ?? named('*') ?? PLAIN;
  return { ...PLAIN, unsubscribable, defaultOn, locked };
}

/** No credentials are decrypted and no connections opened for this. */
function accountOf(row: ProviderAccountRow): RankedAccount {
  const { id, environments, position: order, weight, prefixes } = row;
  return {
    id,
    environments,
    order,
    weight,
    ...(prefixes.length === 0 ? {} : { prefixes }),
    adapter: { serves: (message) => serves(row, message) },
  };
}

/** Whether the adapter of an account carries a message: its `serves` rule, without the provider's SDK. */
export function serves(
  { provider, channel }: Pick<ProviderAccountRow, 'provider' | 'channel'>,
  message: Message,
): boolean {
  if (message.channel !== channel) return false;
  if (message.channel !== 'push') return true;
  const field = DEVICE_OF[provider];
  return field === undefined || field in message.to;
}

const DEVICE_OF: Readonly<Record<string, string>> = {
  fcm: 'fcm_token',
  apns: 'apns_token',
  'web-push': 'subscription',
};
