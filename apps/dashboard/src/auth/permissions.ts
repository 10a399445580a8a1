import { STAFF_ROLES, type StaffRole } from '@carillon/db/schema/staff';

/**
 * What each role may do, as data; pages and guards ask here and nowhere else. A viewer sees states and times, no
 * addresses; an operator works the dead-letter queue; an admin also touches whole lanes.
 */
export const PERMISSIONS = {
  /** See e-mail addresses and phone numbers in full. */
  'address.read': ['admin', 'operator'],
  'notification.retry': ['admin', 'operator'],
  /** Say what became of a doubt, or send again what may have arrived. */
  'doubt.settle': ['admin', 'operator'],
  /** Hold the breaker of a provider account open or closed. */
  'breaker.hold': ['admin', 'operator'],
  /** Enable a customer's endpoint again, send it events again. */
  'webhook.work': ['admin', 'operator'],
  /** Create, change and delete provider accounts, and give them credentials. */
  'account.administer': ['admin'],
  /** Retry failed jobs, promote delayed ones, remove failed ones: nothing that the claim would not check again. */
  'queue.work': ['admin', 'operator'],
  /** Pause, empty or obliterate a lane, remove waiting jobs, change limits. */
  'queue.administer': ['admin'],
} as const satisfies Record<string, readonly StaffRole[]>;

export type Permission = keyof typeof PERMISSIONS;

export function may(role: StaffRole, permission: Permission): boolean {
  return (PERMISSIONS[permission] as readonly StaffRole[]).includes(role);
}

/** For refusals: "operator or admin". */
export function rolesWith(permission: Permission): string {
  return STAFF_ROLES.filter((role) => may(role, permission))
    .reverse()
    .join(' or ');
}
