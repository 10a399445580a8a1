import type { TransactionSql } from 'postgres';
import { disableContactPoints, type LostAddress, suppressAddresses } from './give-up-addresses.ts';
import { suppressForAccount } from './hear-stop-words.ts';

/** An address that a provider refused in its answer to a send. */
export interface RefusedAddress extends LostAddress {
  /** The attempt that was refused. */
  attempt: { id: string; n: number };
  /** The provider account. */
  account: string;
  optedOut: boolean;
  since?: Date;
}

/**
 * What a refusal means beyond the one message, as follow-receipts does for what is told later: the contact point is
 * disabled, a mailbox that is none is suppressed (asking again costs the sender's reputation), STOP holds for every app
 * of the sender. Neither a number nor a token is suppressed: asking again costs nothing, and an app may get the same
 * token again from the operating system, and then says so (add-device).
 */
export async function followRefusals(tx: TransactionSql, refused: readonly RefusedAddress[]): Promise<void> {
  await suppressAddresses(
    tx,
    refused
      .filter(({ channel, optedOut }) => optedOut || channel === 'email')
      .map((each) => ({ ...each, reason: each.optedOut ? ('stop' as const) : ('bounce' as const) })),
  );
  for (const { account, address, detail } of refused.filter(({ optedOut }) => optedOut))
    await suppressForAccount(tx, account, address, detail);
  await disableContactPoints(
    tx,
    refused.filter(({ optedOut }) => !optedOut),
  );
}
