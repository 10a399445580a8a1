import type { Probe, ProviderAdapter } from '@carillon/providers/contract';

/** A provider that needs longer for a question that sends nothing is not fit to be sent to. */
export const PROBE_TIMEOUT_MS = 5000;

/** Asks the provider how the account is. An adapter without a question of its own has nothing against a trial. */
export async function askProbe(adapter: ProviderAdapter): Promise<Probe> {
  if (!adapter.probe) return { healthy: true };
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  const silence = new Promise<Probe>((resolve) => {
    signal.addEventListener('abort', () => resolve({ healthy: false, why: 'no answer in time' }), {
      once: true,
    });
  });
  try {
    return await Promise.race([adapter.probe(signal), silence]);
  } catch (error) {
    return {
      healthy: false,
      why: `the probe failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
