import type { Probe } from '../contract.ts';
import type { SesSdk } from './client.ts';

/** Checks with `GetAccount` whether sending is enabled. It needs the permission `ses:GetAccount`. */
export async function sesProbe(sdk: SesSdk, signal: AbortSignal): Promise<Probe> {
  const { client, GetAccountCommand } = await sdk.load();
  try {
    const { SendingEnabled } = await client.send(new GetAccountCommand({}), { abortSignal: signal });
    return SendingEnabled === true
      ? { healthy: true }
      : { healthy: false, why: 'SES has paused sending for this account' };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    // The key is valid but lacks this permission: that says nothing against sending.
    if (name === 'AccessDeniedException') return { healthy: true };
    // The name comes from the answer, and the endpoint may be any server.
    return {
      healthy: false,
      why: /^\w{1,64}$/.test(name) ? `SES answered ${name}` : 'SES answered an error',
    };
  }
}
