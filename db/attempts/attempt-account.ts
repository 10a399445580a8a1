import type { Sql, TransactionSql } from 'postgres';

/**
 * The provider account of an attempt, and PostgreSQL's time; null if there is no such attempt or it has no
 * account.
 */
export async function accountOfAttempt(
  sql: Sql,
  { notificationId, n }: { notificationId: string; n: number },
): Promise<{ account: string; now: Date } | null> {
  const [row] = await sql<{ account: string | null; now: Date }[]>`
    select provider as account, now() as now from delivery_attempts where notification_id = ${notificationId} and n = ${n}`;
  return row?.account == null ? null : { account: row.account, now: row.now };
}

/** An attempt that stored in-app messages, with the account that it used. */
export interface InboxAttempt {
  notificationId: string;
  n: number;
  account: string;
}

/** The last in-app attempt of each notification that still has one. */
export async function inboxAttempts(
  sql: Sql | TransactionSql,
  notificationIds: readonly string[],
): Promise<InboxAttempt[]> {
  return sql<InboxAttempt[]>`
    select distinct on (notification_id) notification_id as "notificationId", n, provider as account
    from delivery_attempts
    where notification_id = any (${notificationIds as string[]}::uuid[]) and channel = 'in_app' and provider is not null
    order by notification_id, n desc`;
}

/** The provider of an account (`twilio` for `twilio-eu`), and nothing else about it; null if it is not known. */
export async function providerOfAccount(sql: Sql, account: string): Promise<string | null> {
  const [row] = await sql<
    { provider: string }[]
  >`select provider from provider_accounts where id = ${account}`;
  return row?.provider ?? null;
}

export interface SmsPrice {
  account: string;
  /** Of one segment. */
  amount: number;
  /** ISO 4217. */
  currency: string;
}

/** The price of a segment at the first SMS account that states one; null if none does. */
export async function smsPrice(sql: Sql): Promise<SmsPrice | null> {
  const [row] = await sql<SmsPrice[]>`
    select id as account, (settings -> 'pricePerSegment' ->> 'amount')::float8 as amount,
      settings -> 'pricePerSegment' ->> 'currency' as currency
    from provider_accounts
    where channel = 'sms' and enabled and settings ? 'pricePerSegment'
    order by position, id limit 1`;
  return row ?? null;
}
