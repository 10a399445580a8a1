import { addressHash } from '@carillon/core/suppression';
import type { TransactionSql } from 'postgres';
import type { AccountReceipt } from './store-receipts.ts';

/**
 * STOP and START come from a number, not from a message: they hold for every app that may send through the account they
 * came in by. Who would only leave the app that wrote last would still hear from the others at the same number.
 */
export async function hearStopWords(tx: TransactionSql, received: readonly AccountReceipt[]): Promise<void> {
  for (const { account, receipt } of received) {
    const { kind, address, eventId } = receipt;
    if (address === undefined) continue;
    const apps = await tx<{ id: string; environment: string }[]>`
      select a.id, e.environment
      from provider_accounts p cross join unnest(p.environments) as e (environment) cross join apps a
      where p.id = ${account}`;
    for (const { id, environment } of apps) {
      const hash = addressHash(id, 'sms', address);
      if (kind === 'opted_out')
        await tx`
          insert into suppressions (app_id, environment, channel, address_hash, reason, detail)
          values (${id}, ${environment}, 'sms', ${hash}, 'stop', ${`a STOP word came in through ${account}`})
          on conflict do nothing`;
      else
        await tx`
          delete from suppressions
          where app_id = ${id} and environment = ${environment} and channel = 'sms' and address_hash = ${hash} and reason = 'stop'`;
    }
    await tx`
      update provider_logs set applied_at = now() where provider_account = ${account} and event_id = ${eventId}`;
  }
}
