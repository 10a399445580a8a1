import type { Probe } from '../contract.ts';
import type { SesSdk } from './ses-client.ts';

/** Asks `GetAccount` whether sending is enabled. It needs the permission `ses:GetAccount`. */
export async function sesProbe(sdk: SesSdk, signal: AbortSignal): Promise<Probe> {
  const { client, GetAccountCommand } = await sdk.load();
  try {
    const { SendingEnabled } = await client.send(new GetAccountCommand({}), { abortSignal: signal });
    return SendingEnabled === true
      ? { healthy: true }
      : { healthy: false, why: 'SES has paused sending for this account' };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    // The key is right and may not ask: that says nothing against sending.
    if (name === 'AccessDeniedException') return { healthy: true };
    return { healthy: false, why: `SES answered ${name}` };
  }
}
