import type { Channel } from '@carillon/core/notification/channel';
import type { Receipt, ReceiptKind } from '@carillon/core/provider/receipt';
import { RECEIPT_POLICY } from '@carillon/core/provider/receipt-policy';
import { bareAddress } from '@carillon/core/recipient/bare-address';
import { addressHash } from '@carillon/core/recipient/suppression';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { SuppressionRow } from './suppressions.ts';

/** What a provider said, as it is kept: a receipt, or its answer to a call. */
export interface KeptEvidence {
  source: 'receipt' | 'answer';
  account: string;
  /** When it came. */
  at: Date;
  /** Its code and its text, unchanged. */
  code: string | null;
  text: string | null;
  notificationId: string | null;
  attempt: number | null;
  /** The whole receipt, without the address. */
  receipt: Omit<Receipt, 'address'> | null;
}

/** `purged`: retention has removed it; `unrecorded`: a release wrote it that did not keep the cause. */
export type Evidence = KeptEvidence | 'purged' | 'unrecorded' | 'none';

/** What made a provider's word suppress this address; `none` where a person did it. */
export async function readEvidence(sql: Sql, tenant: Tenant, row: SuppressionRow): Promise<Evidence> {
  if (row.account !== null && row.eventId !== null) {
    const [receipt] = await sql<ReceiptRow[]>`
      select ${receiptColumns(sql)} from provider_logs l
      where l.provider_account = ${row.account} and l.event_id = ${row.eventId}`;
    return receipt === undefined ? 'purged' : ofReceipt(receipt);
  }
  if (row.account !== null && row.notificationId !== null && row.attempt !== null) {
    const [answer] = await sql<AnswerRow[]>`
      select provider as account, finished_at as at, error_code as code, error as text from delivery_attempts
      where notification_id = ${row.notificationId}::uuid and n = ${row.attempt} and finished_at is not null`;
    const { notificationId, attempt } = row;
    return answer === undefined
      ? 'purged'
      : { source: 'answer', ...answer, notificationId, attempt, receipt: null };
  }
  if (row.addedBy === null) return trace(sql, tenant, row);
  return row.addedBy === 'provider' ? 'unrecorded' : 'none';
}

interface AnswerRow {
  account: string;
  at: Date;
  code: string | null;
  text: string | null;
}

interface ReceiptRow {
  account: string;
  at: Date;
  notificationId: string | null;
  attempt: number | null;
  body: Receipt;
}

const receiptColumns = (sql: Sql) => sql`
  l.provider_account as account, l.received_at as at, l.notification_id as "notificationId", l.attempt, l.body`;

function ofReceipt({ body, ...row }: ReceiptRow): KeptEvidence {
  const { address: _, ...receipt } = body;
  return { source: 'receipt', ...row, code: body.code ?? null, text: body.detail ?? null, receipt };
}

const SUPPRESSING = Object.entries(RECEIPT_POLICY).flatMap(([kind, { suppresses }]) =>
  suppresses === undefined ? [] : [kind as ReceiptKind],
);

/**
 * The receipt behind a row of an earlier release, which names none. A receipt that was applied as it came was stored in
 * the same transaction as the suppression, so their times are equal to the microsecond; its address says whether it is
 * the one.
 */
async function trace(sql: Sql, tenant: Tenant, row: SuppressionRow): Promise<Evidence> {
  const { channel, addressHash: hash } = row;
  const found = await sql<(ReceiptRow & { email: string | null; phone: string | null })[]>`
    select ${receiptColumns(sql)}, n.address ->> 'email' as email, n.address ->> 'phone' as phone
    from suppressions s
    join provider_logs l on l.received_at = s.created_at and l.kind = any (${SUPPRESSING as string[]}::text[])
    left join notifications n on n.id = l.notification_id and n.app_id = s.app_id and n.environment = s.environment
    where s.app_id = ${tenant.appId} and s.environment = ${tenant.environment} and s.channel = ${channel}
      and s.address_hash = ${hash} and (l.notification_id is null or n.id is not null)
    order by l.event_id limit ${MOST_AT_ONE_TIME}`;
  const isIt = (address: string | null | undefined) =>
    address != null && addressHash(tenant.appId, channel, bareAddress(channel, address)).equals(hash);
  const own = found.find(({ body, email, phone }) => isIt(body.address ?? addressOn(channel, email, phone)));
  if (own === undefined) return 'unrecorded';
  const { email: _, phone: __, ...receipt } = own;
  return ofReceipt(receipt);
}

/** More receipts than this never come in one request of a provider. */
const MOST_AT_ONE_TIME = 10_000;

const addressOn = (channel: Channel, email: string | null, phone: string | null): string | null =>
  channel === 'email' ? email : channel === 'sms' ? phone : null;
