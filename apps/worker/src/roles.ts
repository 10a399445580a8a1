import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { z } from 'zod';

/**
 * What a worker process does. Each service of the registry (services.ts) belongs to one role, and a process starts the
 * services of the roles in WORKER_ROLES. Every role may run in any number of processes.
 *
 * `deliver:<priority>`: consumes the lanes of that priority and calls the providers.
 * `relay:<priority>`: moves notifications of that priority from the outbox to their lanes.
 * `events`: posts webhook events to customers' endpoints.
 * `maintenance`: leases, doubts, scheduled sends, retention, reports, audits.
 * `campaigns`: reviews and launches campaigns, makes their notifications, and adds up their counts.
 */
export type Role = `deliver:${Priority}` | `relay:${Priority}` | 'events' | 'maintenance' | 'campaigns';

export const ROLES: readonly Role[] = [
  ...PRIORITIES.map((priority) => `deliver:${priority}` as const),
  ...PRIORITIES.map((priority) => `relay:${priority}` as const),
  'events',
  'maintenance',
  'campaigns',
];

/** Names for all priorities of a kind. */
const GROUPS: ReadonlyMap<string, readonly Role[]> = new Map(
  ['deliver', 'relay'].map((kind) => [kind, ROLES.filter((role) => role.startsWith(`${kind}:`))]),
);

const EXPECTED = `must be a comma-separated list of deliver:<priority>, relay:<priority>, events, maintenance and campaigns, where the priority is one of ${PRIORITIES.join(', ')}; deliver and relay alone mean all of them`;

/** The setting WORKER_ROLES: a comma-separated list. Read as roles in the order of ROLES, each once. */
export function workerRoles() {
  return z
    .string()
    .default('deliver,relay,events,maintenance,campaigns')
    .transform((text, context): readonly Role[] => {
      const named = text.split(',').map((part) => part.trim());
      const roles = named.flatMap((name) => GROUPS.get(name) ?? ROLES.filter((role) => role === name));
      const isKnown = (name: string) => GROUPS.has(name) || ROLES.some((role) => role === name);
      if (!named.every(isKnown)) {
        context.addIssue({ code: 'custom', message: EXPECTED });
        return z.NEVER;
      }
      return ROLES.filter((role) => roles.includes(role));
    });
}

/** The priorities whose lanes a process with these roles consumes. */
export const deliveredBy = (roles: readonly Role[]): Priority[] =>
  PRIORITIES.filter((priority) => roles.includes(`deliver:${priority}`));

/**
 * The WORKER_ROLES that replaces given values of WORKER_PRIORITIES and WORKER_MAINTENANCE.
 *
 * @param priorities as it was written, or undefined where it was not set.
 * @param maintenance as it was written, or undefined where it was not set.
 */
export function rolesInsteadOf(priorities: string | undefined, maintenance: string | undefined): string {
  const said = priorities?.split(',').map((part) => part.trim());
  const meant = PRIORITIES.filter((priority) => said?.includes(priority) ?? true);
  const isAll = meant.length === PRIORITIES.length;
  return [
    ...(isAll
      ? ['deliver', 'relay']
      : ['deliver', 'relay'].flatMap((kind) => meant.map((p) => `${kind}:${p}`))),
    ...(meant.includes('normal') ? ['events'] : []),
    ...(maintenance === 'false' ? [] : ['maintenance']),
    ...(meant.includes('bulk') ? ['campaigns'] : []),
  ].join(',');
}
