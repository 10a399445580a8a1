export const STAFF_ROLES = ['admin', 'operator', 'viewer'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** What each role is for, in one sentence. */
export const ROLE_PURPOSES: Readonly<Record<StaffRole, string>> = {
  admin: 'Does everything that the dashboard offers, provider accounts and whole lanes included.',
  operator: 'Retries, settles doubts, holds breakers and sees addresses; changes no accounts.',
  viewer: 'Sees states and times, no addresses, and changes nothing.',
};

/** Who can hold a scope: an API key that was granted it, and all staff in these roles. */
interface Holders {
  keys: boolean;
  roles: readonly StaffRole[];
}

const KEYS = { keys: true, roles: [] } as const;
const OPERATORS = { keys: false, roles: ['admin', 'operator'] } as const;
const ADMINS = { keys: false, roles: ['admin'] } as const;

/**
 * The access table. An API key is a set of scopes, and so is a staff role; every API route and every dashboard page and
 * action requires one. Access is decided nowhere else.
 */
export const ACCESS = {
  /** Send, and every later action on a notification. */
  'notifications:write': KEYS,
  'notifications:read': KEYS,
  /** The sent content: granted to people who may read customers' messages. */
  'content:read': KEYS,
  'recipients:read': KEYS,
  'recipients:*': KEYS,
  'templates:*': KEYS,
  'campaigns:*': KEYS,
  'webhooks:*': KEYS,
  'suppressions:*': KEYS,
  /** Retry, cancel and reschedule, one by one and in bulk; part of `notifications:write`. */
  'notifications:work': KEYS,
  /** Settle a doubt, or send again what may have arrived; part of `notifications:write`. */
  'doubts:settle': KEYS,
  /** E-mail addresses and phone numbers in full. Keys always get them; staff without it get them masked. */
  'addresses:read': KEYS,
  'templates:read': KEYS,
  'suppressions:read': KEYS,
  'categories:read': KEYS,
  'categories:*': KEYS,
  'audiences:*': KEYS,
  'webhooks:read': KEYS,
  /** Provider accounts, without their credentials, their health and their breakers. */
  'providers:read': KEYS,
  /** Hold the breaker of a provider account open or closed. */
  'providers:hold': KEYS,
  /** Create, change and delete provider accounts, and give them credentials. */
  'providers:*': KEYS,
  /** Rates, latencies, lanes and counts of the whole installation. */
  'overview:read': KEYS,
  /** What test keys sent and the simulator received, contents included. */
  'sandbox:read': KEYS,
  /** The requests of the last day by key, with the problems that they were answered. */
  'requests:read': KEYS,
  /** API keys of the app; a key can be given only scopes that its maker has. */
  'keys:*': KEYS,
  'audit:read': KEYS,
  /** Retry failed jobs, promote delayed ones, remove failed ones: all of them safe, because the claim checks again. */
  'queues:work': KEYS,
  /** Pause, empty or obliterate a lane, remove waiting jobs, change limits. */
  'queues:administer': KEYS,
  /** Invite staff, change their roles, end their sessions. Not part of `admin`. */
  'staff:*': KEYS,
  /** Every other API key scope except `installation` and `staff:*`, within the app of the key. */
  admin: KEYS,
  /** What belongs to no app (apps, staff), and keys and audit log of every app. A key that has it has `admin` too. */
  installation: KEYS,
  /** See the pages of the dashboard: states and times, no addresses. */
  'dashboard.read': { keys: false, roles: STAFF_ROLES },
  /** See e-mail addresses and phone numbers in full. */
  'address.read': OPERATORS,
  'notification.retry': OPERATORS,
  /** Cancel what is not being sent yet, or give it another time. */
  'notification.move': OPERATORS,
  /** Read the sent content. Each access is audited. */
  'content.read': OPERATORS,
  /** Settle a doubt, or send again what may have arrived. */
  'doubt.settle': OPERATORS,
  /** Hold the breaker of a provider account open or closed. */
  'breaker.hold': OPERATORS,
  /** Enable a customer's endpoint again, send it events again, and see its whole URL, which may hold a token. */
  'webhook.work': OPERATORS,
  /** Create, change and delete provider accounts, and give them credentials. */
  'account.administer': ADMINS,
  /** Retry failed jobs, promote delayed ones, remove failed ones: all of them safe, because the claim checks again. */
  'queue.work': OPERATORS,
  /** Pause, empty or obliterate a lane, remove waiting jobs, change limits. */
  'queue.administer': ADMINS,
} as const satisfies Record<string, Holders>;

export type Scope = keyof typeof ACCESS;

type HeldBy<Of extends { keys: boolean }> = {
  [Each in Scope]: (typeof ACCESS)[Each] extends Of ? Each : never;
}[Scope];

/** What an API key can be given. */
export type KeyScope = HeldBy<{ keys: true }>;
/** What staff may do by their role. */
export type StaffScope = HeldBy<{ keys: false }>;

const scopes = Object.keys(ACCESS) as Scope[];

/** In the order of the table. */
export const KEY_SCOPES = scopes.filter((scope) => ACCESS[scope].keys) as [KeyScope, ...KeyScope[]];

/** What the dashboard lets a role do beyond looking, in the order of the table. */
export const PERMISSIONS = scopes.filter((scope) => !ACCESS[scope].keys && scope !== 'dashboard.read') as [
  Permission,
  ...Permission[],
];
export type Permission = Exclude<StaffScope, 'dashboard.read'>;

const scopesOf = (role: StaffRole) =>
  scopes.filter((scope) => (ACCESS[scope].roles as readonly StaffRole[]).includes(role)) as StaffScope[];

/** The scopes of a role. */
export const ROLE_SCOPES: Readonly<Record<StaffRole, readonly StaffScope[]>> = {
  admin: scopesOf('admin'),
  operator: scopesOf('operator'),
  viewer: scopesOf('viewer'),
};

/** Scopes that are part of another one with a different name. */
const PART_OF: Partial<Record<Scope, Scope>> = {
  'notifications:work': 'notifications:write',
  'doubts:settle': 'notifications:write',
  'staff:*': 'installation',
};

/** What `admin` does not grant. */
const ABOVE_ADMIN: readonly Scope[] = ['installation', 'staff:*'];

/**
 * Whether a set of scopes grants this one. `admin` grants every API key scope except `installation` and `staff:*`,
 * `<resource>:*` everything with the resource; otherwise the scope itself, or the one that it is part of, is needed.
 *
 * @param held scopes as stored; may include ones that this version does not know.
 */
export function allows(held: readonly string[], needed: Scope): boolean {
  if (held.includes(needed) || held.includes(`${needed.split(':', 1)[0]}:*`)) return true;
  const whole = PART_OF[needed];
  if (whole !== undefined && held.includes(whole)) return true;
  return !ABOVE_ADMIN.includes(needed) && held.includes('admin');
}

export function may(role: StaffRole, needed: StaffScope): boolean {
  return allows(ROLE_SCOPES[role], needed);
}

/** For refusals: "operator or admin". */
export function rolesWith(needed: StaffScope): string {
  return STAFF_ROLES.filter((role) => may(role, needed))
    .reverse()
    .join(' or ');
}

/** What a role may do beyond looking, in the order of the table. */
export function permissionsOf(role: StaffRole): Permission[] {
  return PERMISSIONS.filter((permission) => may(role, permission));
}
