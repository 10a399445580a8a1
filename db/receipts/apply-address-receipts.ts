import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import { suppressesAddress } from '@carillon/core/provider/receipt-policy';
import { bareAddress } from '@carillon/core/recipient/bare-address';
import { addressHash, type SuppressionReason } from '@carillon/core/recipient/suppression';
import type { TransactionSql } from 'postgres';
import type { AccountReceipt } from './store-receipts.ts';
import { disableContactPoints, type SuppressionCause, suppressAddresses } from './suppress-addresses.ts';

/**
 * Receipts that name an address and no known message: a STOP keyword comes from a number, SendGrid's late bounces and
 * spam reports carry no ids, and a message may have been pruned. They apply to every app that may send through the
 * account they came in by: an app that is left out would still write to the same person as the same sender.
 *
 * @param received stored and not yet applied; marked as applied here.
 */
export async function applyAddressReceipts(
  tx: TransactionSql,
  received: readonly AccountReceipt[],
): Promise<void> {
  for (const { account, receipt } of received) {
    const { kind, address, eventId, code, detail } = receipt;
    if (address === undefined) continue;
    if (kind === 'opted_in') await liftStop(tx, account, address);
    const reason = suppressesAddress(kind);
    if (reason !== null) {
      const words = [`${account} reported ${kind}`, code, detail].filter(Boolean).join(': ');
      await suppressForAccount(tx, { account, eventId }, address, reason, words.slice(0, 500));
    }
    await tx`
      update provider_logs set applied_at = now() where provider_account = ${account} and event_id = ${eventId}`;
  }
}

/** Suppresses an address for every app that may send through the account of the cause. */
export async function suppressForAccount(
  tx: TransactionSql,
  cause: SuppressionCause,
  address: string,
  reason: SuppressionReason,
  detail: string,
): Promise<void> {
  const lost = (await appsOf(tx, cause.account)).map(({ id: appId, environment, channel }) => {
    return { appId, environment, channel, address: bareAddress(channel, address), detail, reason, cause };
  });
  await suppressAddresses(tx, lost);
  if (reason === 'bounce') await disableContactPoints(tx, lost);
}

/** START reverts STOP, and nothing else. */
async function liftStop(tx: TransactionSql, account: string, address: string): Promise<void> {
  for (const { id, environment, channel } of await appsOf(tx, account))
    await tx`
      delete from suppressions
      where app_id = ${id} and environment = ${environment} and channel = ${channel}
        and address_hash = ${addressHash(id, channel, bareAddress(channel, address))} and reason = 'stop'`;
}

function appsOf(
  tx: TransactionSql,
  account: string,
): Promise<{ id: string; environment: Environment; channel: Channel }[]> {
  return tx<{ id: string; environment: Environment; channel: Channel }[]>`
    select a.id, e.environment, p.channel
    from provider_accounts p cross join unnest(p.environments) as e (environment) cross join apps a
    where p.id = ${account}`;
}
