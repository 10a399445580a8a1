import { DeadlineError, withTimeout } from '@carillon/core/notification/deadline';
import type { Probe, ProviderAdapter } from '@carillon/providers/contract';

/** An account that needs longer than this for a probe, which sends nothing, is not fit for sending. */
export const PROBE_TIMEOUT_MS = 5000;

/** How long a probe may take: a server with a slow greeting is also slow to answer a probe. */
export const probeTimeoutMs = ({ patience }: ProviderAdapter): number =>
  PROBE_TIMEOUT_MS + (patience?.startMs ?? 0);

/** Probes the account through its adapter. An adapter without a probe counts as healthy, so real trial calls decide. */
export async function askProbe(adapter: ProviderAdapter): Promise<Probe> {
  if (!adapter.probe) return { healthy: true };
  const giveUp = new AbortController();
  try {
    return await withTimeout(probeTimeoutMs(adapter), adapter.probe(giveUp.signal));
  } catch (error) {
    if (error instanceof DeadlineError) return { healthy: false, why: 'no answer in time' };
    const why = error instanceof Error ? error.message : String(error);
    return { healthy: false, why: `the probe failed: ${why}` };
  } finally {
    giveUp.abort();
  }
}
