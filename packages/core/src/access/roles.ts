import type { Environment } from '../notification/environment.ts';
import { KEY_SCOPES, type KeyScope } from './access.ts';

/** A role is a set of the scopes that API keys are made of. This table is the only place that says what a role may do. */
export const ROLES = {
  owner: {
    purpose: 'Everything, staff, apps and their keys included.',
    scopes: ['admin', 'installation'],
  },
  admin: {
    purpose:
      'Everything except what concerns other apps: messages, people, provider accounts, keys, audit log.',
    scopes: ['admin'],
  },
  support: {
    purpose:
      'Finds and reads messages, retries, cancels, settles doubts, lifts suppressions and holds accounts out of use.',
    scopes: [
      'notifications:read',
      'notifications:work',
      'doubts:settle',
      'content:read',
      'addresses:read',
      'recipients:*',
      'audiences:read',
      'campaigns:read',
      'suppressions:*',
      'templates:read',
      'categories:read',
      'webhooks:*',
      'providers:read',
      'providers:hold',
      'overview:read',
      'sandbox:read',
      'queues:work',
    ],
  },
  marketer: {
    purpose:
      'Writes templates, imports recipients, sends and schedules messages and campaigns; sees no addresses.',
    scopes: [
      'notifications:read',
      'notifications:write',
      'templates:*',
      'categories:*',
      'campaigns:*',
      'audiences:*',
      'recipients:read',
      'recipients:import',
      'suppressions:read',
      'sandbox:read',
      'overview:read',
    ],
  },
  developer: {
    purpose: 'Connects programs: keys, webhooks, templates, request log and sandbox.',
    scopes: [
      'notifications:read',
      'notifications:write',
      'content:read',
      'addresses:read',
      'templates:*',
      'categories:*',
      'recipients:read',
      'audiences:read',
      'campaigns:read',
      'suppressions:read',
      'webhooks:*',
      'keys:*',
      'requests:read',
      'sandbox:read',
      'providers:read',
      'overview:read',
    ],
  },
  viewer: {
    purpose: 'Sees states, times and rates, no addresses and no contents, and changes nothing.',
    scopes: [
      'notifications:read',
      'recipients:read',
      'audiences:read',
      'campaigns:read',
      'suppressions:read',
      'templates:read',
      'categories:read',
      'webhooks:read',
      'providers:read',
      'overview:read',
    ],
  },
  auditor: {
    purpose: 'Sees what a viewer sees, and the audit log.',
    scopes: [
      'notifications:read',
      'recipients:read',
      'audiences:read',
      'campaigns:read',
      'suppressions:read',
      'templates:read',
      'categories:read',
      'webhooks:read',
      'providers:read',
      'overview:read',
      'audit:read',
    ],
  },
} as const satisfies Record<string, { purpose: string; scopes: readonly KeyScope[] }>;

export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as [Role, ...Role[]];

/** A role that a person has: in one app or in all (null), in one environment or in both (null). */
export interface Grant {
  role: Role;
  appId: string | null;
  environment: Environment | null;
}

/** Concerns every app: only a role in all apps and environments gives these. */
const INSTALLATION_WIDE: ReadonlySet<KeyScope> = new Set([
  'installation',
  'staff:*',
  'providers:hold',
  'providers:*',
  'queues:work',
  'queues:administer',
]);

/** What `admin` of one app consists of: the scope itself would include what concerns every app. */
const ADMIN_OF_ONE_APP = KEY_SCOPES.filter((scope) => scope !== 'admin' && !INSTALLATION_WIDE.has(scope));

/**
 * The scopes that grants give in one tenant.
 *
 * @param tenant null: what concerns every app; only grants in all apps and environments count.
 */
export function scopesIn(
  grants: readonly Grant[],
  tenant: { appId: string; environment: Environment } | null,
): KeyScope[] {
  const held = new Set<KeyScope>();
  for (const { role, appId, environment } of grants) {
    const isEverywhere = appId === null && environment === null;
    if (!isEverywhere && tenant === null) continue;
    if (tenant !== null && appId !== null && appId !== tenant.appId) continue;
    if (tenant !== null && environment !== null && environment !== tenant.environment) continue;
    for (const scope of ROLES[role].scopes as readonly KeyScope[]) {
      if (isEverywhere) held.add(scope);
      else if (scope === 'admin') for (const each of ADMIN_OF_ONE_APP) held.add(each);
      else if (!INSTALLATION_WIDE.has(scope)) held.add(scope);
    }
  }
  return KEY_SCOPES.filter((scope) => held.has(scope));
}
