import type { RejectedAddress } from '@carillon/core/notification/attempt-end';
import { rejectionSuppresses } from '@carillon/core/provider/receipt-policy';
import type { TransactionSql } from 'postgres';
import { suppressForAccount } from './apply-address-receipts.ts';
import { disableContactPoints, suppressAddresses } from './suppress-addresses.ts';

/**
 * The effects of a refusal beyond the one message, as apply-receipt-policy has for later reports (the policy is in
 * core/provider/receipt-policy): the contact point is disabled, a mailbox that does not exist is suppressed, STOP
 * applies to every app of the sender.
 */
export async function applyRejections(
  tx: TransactionSql,
  refused: readonly RejectedAddress[],
): Promise<void> {
  await suppressAddresses(
    tx,
    refused.flatMap((each) => {
      const reason = rejectionSuppresses(each);
      const { account, attempt } = each;
      const cause = { account, notificationId: attempt.id, n: attempt.n };
      return reason === null ? [] : [{ ...each, reason, cause }];
    }),
  );
  for (const { account, address, detail } of refused.filter(({ optedOut }) => optedOut))
    await suppressForAccount(tx, { account }, address, 'stop', detail);
  await disableContactPoints(
    tx,
    refused.filter(({ optedOut }) => !optedOut),
  );
}
