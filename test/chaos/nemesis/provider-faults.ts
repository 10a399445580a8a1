import type { ChaosSystem } from '../system/chaos-system.ts';
import type { FaultKind } from './fault.ts';

/** Faults of providers, set in the simulator. */
const PROVIDERS = ['resend', 'smtp', 'twilio', 'fcm', 'web-push', 'generic'];

const BEHAVIOURS: readonly { name: string; weight: number; behaviour: Record<string, unknown> }[] = [
  { name: 'outage', weight: 2, behaviour: { mode: 'outage' } },
  { name: 'outage, connections broken', weight: 1, behaviour: { mode: 'outage', status: null } },
  { name: 'takes, then says nothing', weight: 3, behaviour: { mode: 'accept_then_timeout' } },
  { name: 'takes, then resets', weight: 3, behaviour: { mode: 'accept_then_drop' } },
  { name: '429 storm', weight: 2, behaviour: { mode: 'throttle' } },
  { name: '30 % errors', weight: 2, behaviour: { error_rate: 0.3, status: 500 } },
  { name: 'slow', weight: 1, behaviour: { latency_ms: 1_500 } },
];

export const PROVIDER_FAULTS: readonly FaultKind[] = BEHAVIOURS.map(({ name, weight, behaviour }) => ({
  name,
  weight,
  targets: PROVIDERS,
  lastsMs: [2_000, 10_000],
  begin: async (system: ChaosSystem, provider: string) => {
    await system.simulator.behave({ provider, ...behaviour });
    return () => system.simulator.behaveWell(provider);
  },
}));
