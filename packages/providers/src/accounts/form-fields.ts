import type { FieldError } from '@carillon/core/text/problem';
import { definitionOf, findDefinition, PROVIDER_IDS } from '../providers.ts';
import { SECRET_FIELDS, type Secrets } from './account-encryption.ts';
import { AccountSettings } from './account-settings.ts';

/**
 * A provider account as form fields: snake_case, as the API and the dashboard accept and show it. PROVIDERS_FILE has
 * the same fields in camelCase; one schema checks all three.
 */
export type Words = Readonly<Record<string, unknown>>;

/** Source of the fields that are not given: secrets that are already sealed, and settings that only a file may have. */
export interface Kept extends Secrets {
  caFile?: unknown;
  /** The plain settings that the credentials were given with. */
  settings?: Words;
}

/**
 * @param words the form fields, as in docs/providers.md in snake_case, with `id`, `provider` and `environments`.
 * @returns the settings, or all problems by field (`credentials.api_key`); never a value of a credential.
 */
export function settingsFromFields(
  words: Words,
  kept: Kept = {},
): { settings: AccountSettings } | { errors: FieldError[] } {
  const misspelt = [...serverFiles(words), ...notInSnakeCase(words)];
  if (misspelt.length > 0) return { errors: misspelt };
  const { rate_per_second, prefixes, ...others } = words;
  const rest = Object.entries(others).filter(([name]) => !SECRET_FIELDS.includes(name));
  const { settings: before, ...secrets } = kept;
  const asIssued = findDefinition(String(words.provider))?.credentialsAsIssued === true;
  const input: Record<string, unknown> = {
    ...renamed(Object.fromEntries(rest), camel),
    ...secrets,
    ...Object.fromEntries(
      SECRET_FIELDS.filter((name) => words[name] !== undefined).map((name) => [
        name,
        asIssued && name === 'credentials' ? words[name] : camelFields(words[name]),
      ]),
    ),
    ...given('ratePerSecond', rate_per_second ?? undefined),
    // Form fields have "none" for omitted settings.
    ...(Array.isArray(prefixes) && prefixes.length === 0 ? {} : given('prefixes', prefixes)),
  };
  const parsed = AccountSettings.safeParse(input);
  if (parsed.success && words.credentials === undefined && secrets.credentials !== undefined) {
    const why = before && whyNotKept(before, parsed.data);
    if (why) return { errors: [{ path: 'credentials', message: why }] };
  }
  if (parsed.success) return { settings: parsed.data };
  return { errors: parsed.error.issues.flatMap((issue) => errorsOf(issue, input)) };
}

/** Settings that only PROVIDERS_FILE may have. */
const serverFiles = (words: Words): FieldError[] =>
  'ca_file' in words
    ? [{ path: 'ca_file', message: 'names a file of the worker: only PROVIDERS_FILE may do that' }]
    : [];

/**
 * Form fields have one spelling. A field in the spelling of PROVIDERS_FILE (`caFile`) would bypass every check of form
 * fields and still become a setting.
 */
function notInSnakeCase(value: unknown, path: readonly string[] = []): FieldError[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = [...path, name];
    // List indexes are numbers.
    const wellSpelt = Array.isArray(value) || SNAKE_CASE.test(name);
    const errors = wellSpelt ? [] : [{ path: here.join('.'), message: `${NOT_SNAKE_CASE} ${snake(name)}` }];
    return [...errors, ...(here.length < DEPTH ? notInSnakeCase(inner, here) : [])];
  });
}

/** No account has fields deeper than its lists of receipt secrets. */
const DEPTH = 3;
const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const NOT_SNAKE_CASE = 'is no field: fields are written in snake_case, such as';

/**
 * Where an account's credentials are sent, and how they are protected in transit. Stored credentials are never shown,
 * so no change of an account may send them to another server or over an unencrypted connection either.
 */
const ADDRESSES = ['baseUrl', 'url', 'host', 'port'] as const;
const MOVED = 'leads to another server, which would be handed those that are kept; give them again';
const BARED = 'lets those that are kept be sent without TLS; give them again';

/** Why stored credentials may not be kept in the change from `before` to `after`, readable; undefined if they may. */
function whyNotKept(before: Words, after: AccountSettings): string | undefined {
  const now: Words = after;
  // Without its own address it uses the provider's.
  const moved = ADDRESSES.find(
    (field) => now[field] !== undefined && server(before[field]) !== server(now[field]),
  );
  if (moved) return `${snake(moved)} ${MOVED}`;
  const { isAlwaysEncrypted } = definitionOf(after.provider);
  const { host } = now;
  if (!isAlwaysEncrypted || typeof host !== 'string' || isAlwaysEncrypted({ ...now, host })) return undefined;
  return isAlwaysEncrypted({ ...before, host }) ? `require_tls ${BARED}` : undefined;
}

/** Another path is the same server; another port is another server. */
const server = (address: unknown): string => {
  const text = String(address);
  const url = URL.parse(text);
  return url?.host ? `${url.protocol}//${url.host}` : text.toLowerCase();
};

/** The plain settings of an account as form fields, without the path of a file of the server. */
export function settingsAsFields({ caFile: _, ...settings }: Words): Record<string, unknown> {
  return renamed(settings, snake);
}

/** The form fields of a provider: those to offer and those that may be shown again. */
export function fieldsOf(provider: string): { settings: string[]; credentials: string[] } | null {
  const definition = findDefinition(provider);
  if (!definition) return null;
  const settings = Object.keys(definition.settings.shape).filter((field) => !NO_SETTING.has(field));
  return { settings: settings.map(snake), credentials: credentialsOf(provider) };
}

/** Every provider with an adapter. */
export const PROVIDERS: readonly string[] = PROVIDER_IDS;

/** The secrets that an account of this provider may have. */
export const secretFieldsOf = (provider: string): string[] => [
  'credentials',
  'receipts',
  ...Object.keys(findDefinition(provider)?.sealed ?? {}),
];

const NO_SETTING = new Set<string>(['id', 'provider', 'environments', 'caFile', ...SECRET_FIELDS]);

/** An empty object is refused with the name of every required field; the others are optional. */
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
  // Only `provider` distinguishes the members of the union.
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

/** Values that are not objects are left to the schema, which reports them. */
const camelFields = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? renamed(value, camel) : value;

const given = (name: string, value: unknown): Record<string, unknown> =>
  value === undefined ? {} : { [name]: value };
