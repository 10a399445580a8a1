import type { FieldError } from '@carillon/core/problem';
import { AccountSettings } from './account-settings.ts';
import { SECRET_FIELDS, type Secrets } from './sealed-account.ts';

/**
 * A provider account in the words of people: snake_case, as the API and the dashboard take and show it. PROVIDERS_FILE has
 * the same fields in camelCase; one table checks all three.
 */
export type Words = Readonly<Record<string, unknown>>;

/** What words do not say is taken from here: secrets that are sealed already, and what only a file may set. */
export interface Kept extends Secrets {
  caFile?: unknown;
  /** The plain settings that the credentials were given with. */
  settings?: Words;
}

/**
 * @param words the fields of docs/providers.md in snake_case, with `id`, `provider` and `environments`.
 * @returns the settings, or everything that is wrong by field (`credentials.api_key`); never a value of a credential.
 */
export function settingsFromWords(
  words: Words,
  kept: Kept = {},
): { settings: AccountSettings } | { errors: FieldError[] } {
  if ('ca_file' in words) {
    return {
      errors: [{ path: 'ca_file', message: 'names a file of the worker: only PROVIDERS_FILE may do that' }],
    };
  }
  const { credentials, receipts, dkim, rate_per_second, prefixes, ...rest } = words;
  const { settings: before, ...secrets } = kept;
  const input = {
    ...renamed(rest, camel),
    ...secrets,
    // Google hands out its key file in snake_case, and that is how it is kept.
    ...given('credentials', words.provider === 'fcm' ? credentials : camelFields(credentials)),
    ...given('receipts', camelFields(receipts)),
    ...given('dkim', camelFields(dkim)),
    ...given('ratePerSecond', rate_per_second ?? undefined),
    // Words have "none" for what settings leave out.
    ...(Array.isArray(prefixes) && prefixes.length === 0 ? {} : given('prefixes', prefixes)),
  };
  const parsed = AccountSettings.safeParse(input);
  if (parsed.success && credentials === undefined && secrets.credentials !== undefined) {
    const moved = before && leadsElsewhere(before, parsed.data);
    if (moved) return { errors: [{ path: 'credentials', message: `${snake(moved)} ${MOVED}` }] };
  }
  if (parsed.success) return { settings: parsed.data };
  return { errors: parsed.error.issues.flatMap((issue) => errorsOf(issue, input)) };
}

/**
 * Where an account's credentials go. Nobody is ever shown them, so nobody may have the kept ones sent to a server of
 * theirs either.
 */
const ADDRESSES = ['baseUrl', 'url', 'host'] as const;
const MOVED = 'leads to another server, which would be handed those that are kept; give them again';

function leadsElsewhere(before: Words, after: Words): string | undefined {
  // Without an address of its own it is the provider's.
  return ADDRESSES.find((field) => after[field] !== undefined && host(before[field]) !== host(after[field]));
}

/** Another path or port on the same server is no other server. */
const host = (address: unknown): string => {
  const url = URL.parse(String(address));
  return url?.hostname ? `${url.protocol}//${url.hostname}` : String(address);
};

/** The plain settings of an account as words. */
export function settingsInWords(settings: Words): Record<string, unknown> {
  return renamed(settings, snake);
}

/** The fields that a provider takes, as words: what to offer and what may be shown again. */
export function fieldsOf(provider: string): { settings: string[]; credentials: string[] } | null {
  const schema = AccountSettings.options.find(({ shape }) => shape.provider.value === provider);
  if (!schema) return null;
  const settings = Object.keys(schema.shape).filter((field) => !NO_SETTING.has(field));
  return { settings: settings.map(snake), credentials: credentialsOf(provider) };
}

/** Every provider there is an adapter for. */
export const PROVIDERS: readonly string[] = AccountSettings.options.map(({ shape }) => shape.provider.value);

const NO_SETTING = new Set<string>(['id', 'provider', 'environments', 'caFile', ...SECRET_FIELDS]);

/** An empty object is refused with the name of every field that must be there; the rest of them is optional. */
function credentialsOf(provider: string): string[] {
  const parsed = AccountSettings.safeParse({ provider, credentials: {} });
  const issues = parsed.error?.issues ?? [];
  return issues
    .filter(({ path, code }) => path[0] === 'credentials' && path.length === 2 && code === 'invalid_type')
    .map(({ path }) => snake(String(path[1])));
}

function errorsOf(issue: Issue, input: unknown): FieldError[] {
  const path = issue.path.map((step) => snake(String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, snake(key)].join('.'),
      message: 'is no field of this provider; check its spelling or leave it out',
    }));
  }
  return [{ path: path.join('.'), message: messageOf(issue, input) }];
}

function messageOf(issue: Issue, input: unknown): string {
  // Only `provider` tells the members of the union apart.
  if (issue.code === 'invalid_union') return `must be one of ${PROVIDERS.join(', ')}`;
  if (issue.code === 'invalid_type' && at(input, issue.path) === undefined)
    return `is missing (${issue.expected})`;
  return issue.message;
}

type Issue = NonNullable<ReturnType<typeof AccountSettings.safeParse>['error']>['issues'][number];

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step],
    input,
  );
}

const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const renamed = (fields: object, rename: (key: string) => string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [rename(key), value]));

/** What is no object is left to the schema, which says so. */
const camelFields = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? renamed(value, camel) : value;

const given = (name: string, value: unknown): Record<string, unknown> =>
  value === undefined ? {} : { [name]: value };
