import type { PortClaims } from './port-claims.ts';
import { exactPort, freePort } from './ports.ts';

/** Which port each program listens on, as offsets from a base: 3400 unless told otherwise. */
const OFFSETS = {
  api: 0,
  dashboard: 1,
  simulator: 2,
  simulatorTls: 3,
  simulatorSmtp: 4,
  criticalWorker: 5,
  worker: 6,
  bulkWorker: 7,
  postgres: 10,
  redis: 11,
} as const;
const USUAL_BASE = 3400;

export type PortPlan = Record<keyof typeof OFFSETS, number>;

/**
 * Chosen once per start: a restarted child comes back on the port it had.
 *
 * @param base null: the usual ports, and a free one for each that is taken. A number: exactly those from it on.
 * @throws when an asked-for port is taken
 */
export async function planPorts(base: number | null, claims: PortClaims): Promise<PortPlan> {
  const plan: Partial<PortPlan> = {};
  for (const [name, offset] of Object.entries(OFFSETS) as [keyof PortPlan, number][]) {
    plan[name] =
      base === null
        ? await freePort(USUAL_BASE + offset, claims.claim)
        : await exactPort(base + offset, name, claims.claim);
  }
  return plan as PortPlan;
}
