import type { Sql } from 'postgres';

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
