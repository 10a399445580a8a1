import { type BreakerRow, breakerColumns } from '../breakers/breakers.ts';
import type { Reader } from '../replica/reader.ts';

export interface AccountUse extends BreakerRow {
  /** Whether a person has switched it on; null of an account that is configured in a file. */
  enabled: boolean | null;
}

/** Every provider account that a worker has registered, and whether it is used. */
export async function readAccountUse(sql: Reader): Promise<AccountUse[]> {
  return sql<AccountUse[]>`
    select b.*, p.enabled
    from (select ${breakerColumns(sql)} from circuit_breakers) b
    left join provider_accounts p on p.id = b.account
    order by b.account collate "C"`;
}
