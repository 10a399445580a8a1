import type { Sql } from 'postgres';

export interface SmsPrice {
  account: string;
  /** Of one segment. */
  amount: number;
  /** ISO 4217. */
  currency: string;
}

/** What a segment costs by the first SMS account that says so; null if none does. */
export async function smsPrice(sql: Sql): Promise<SmsPrice | null> {
  const [row] = await sql<SmsPrice[]>`
    select id as account, (settings -> 'pricePerSegment' ->> 'amount')::float8 as amount,
      settings -> 'pricePerSegment' ->> 'currency' as currency
    from provider_accounts
    where channel = 'sms' and enabled and settings ? 'pricePerSegment'
    order by position, id limit 1`;
  return row ?? null;
}
