/**
 * The access table. An API key is a set of scopes, and so is a role of staff (roles.ts); every API route and every page of
 * the dashboard requires one. Access is decided nowhere else.
 */
export const KEY_SCOPES = [
  /** Send, and every later action on a notification. */
  'notifications:write',
  'notifications:read',
  /** The sent content: granted to people who may read customers' messages. */
  'content:read',
  'recipients:read',
  'recipients:*',
  /** Create and change recipients from a file; part of `recipients:*`, and without its look-ups and erasure. */
  'recipients:import',
  'templates:*',
  'campaigns:read',
  'campaigns:*',
  'webhooks:*',
  'suppressions:*',
  /** Retry, cancel and reschedule, one by one and in bulk; part of `notifications:write`. */
  'notifications:work',
  /** Settle a doubt, or send again what may have arrived; part of `notifications:write`. */
  'doubts:settle',
  /** E-mail addresses and phone numbers in full. Keys always get them; staff without it get them masked. */
  'addresses:read',
  'templates:read',
  'suppressions:read',
  'categories:read',
  'categories:*',
  'audiences:read',
  'audiences:*',
  'webhooks:read',
  /** Provider accounts, without their credentials, their health and their breakers. */
  'providers:read',
  /** Hold the breaker of a provider account open or closed. */
  'providers:hold',
  /** Create, change and delete provider accounts, and give them credentials. */
  'providers:*',
  /** Rates, latencies, lanes and counts of the whole installation. */
  'overview:read',
  /** What test keys sent and the simulator received, contents included. */
  'sandbox:read',
  /** The requests of the last day by key, with the problems that they were answered. */
  'requests:read',
  /** API keys of the app; a key can be given only scopes that its maker has. */
  'keys:*',
  'audit:read',
  /** Retry failed jobs, promote delayed ones, remove failed ones: all of them safe, because the claim checks again. */
  'queues:work',
  /** Pause, empty or obliterate a lane, remove waiting jobs, change limits. */
  'queues:administer',
  /** Invite staff, change their roles, end their sessions. Not part of `admin`. */
  'staff:*',
  /** Every other API key scope except `installation` and `staff:*`, within the app of the key. */
  'admin',
  /** What belongs to no app (apps, staff), and keys and audit log of every app. A key that has it has `admin` too. */
  'installation',
] as const;

export type KeyScope = (typeof KEY_SCOPES)[number];

/** Scopes that are part of another one with a different name. */
const PART_OF: Partial<Record<KeyScope, KeyScope>> = {
  'notifications:work': 'notifications:write',
  'doubts:settle': 'notifications:write',
  'staff:*': 'installation',
};

/** What `admin` does not grant. */
const ABOVE_ADMIN: readonly KeyScope[] = ['installation', 'staff:*'];

/**
 * Whether a set of scopes grants this one. `admin` grants every API key scope except `installation` and `staff:*`,
 * `<resource>:*` everything with the resource; otherwise the scope itself, or the one that it is part of, is needed.
 *
 * @param held scopes as stored; may include ones that this version does not know.
 */
export function allows(held: readonly string[], needed: KeyScope): boolean {
  if (held.includes(needed) || held.includes(`${needed.split(':', 1)[0]}:*`)) return true;
  const whole = PART_OF[needed];
  if (whole !== undefined && held.includes(whole)) return true;
  return !ABOVE_ADMIN.includes(needed) && held.includes('admin');
}
