import type { Environment } from '@carillon/core/environment';
import { addressHash } from '@carillon/core/suppression';
import type { TransactionSql } from 'postgres';
import { suppressAddresses } from './give-up-addresses.ts';
import type { AccountReceipt } from './store-receipts.ts';

/**
 * STOP and START come from a number, not from a message: they hold for every app that may send through the account they
 * came in by. Who would only leave the app that wrote last would still hear from the others at the same number.
 */
export async function hearStopWords(tx: TransactionSql, received: readonly AccountReceipt[]): Promise<void> {
  for (const { account, receipt } of received) {
    const { kind, address, eventId } = receipt;
    if (address === undefined) continue;
    if (kind === 'opted_out')
      await suppressForAccount(tx, account, address, `a STOP word came in through ${account}`);
    else
      for (const { id, environment } of await appsOf(tx, account))
        await tx`
          delete from suppressions
          where app_id = ${id} and environment = ${environment} and channel = 'sms'
            and address_hash = ${addressHash(id, 'sms', address)} and reason = 'stop'`;
    await tx`
      update provider_logs set applied_at = now() where provider_account = ${account} and event_id = ${eventId}`;
  }
}

/** Keeps every app that may send through the account from writing to a number. */
export async function suppressForAccount(
  tx: TransactionSql,
  account: string,
  address: string,
  detail: string,
): Promise<void> {
  const apps = await appsOf(tx, account);
  const stop = { channel: 'sms', address, reason: 'stop', detail } as const;
  await suppressAddresses(
    tx,
    apps.map(({ id: appId, environment }) => ({ appId, environment, ...stop })),
  );
}

function appsOf(tx: TransactionSql, account: string): Promise<{ id: string; environment: Environment }[]> {
  return tx<{ id: string; environment: Environment }[]>`
    select a.id, e.environment
    from provider_accounts p cross join unnest(p.environments) as e (environment) cross join apps a
    where p.id = ${account}`;
}
