import { z } from 'zod';
import { type KeyRing, parseKeyRing } from './envelope.ts';

/**
 * Configuration from the environment: parsed once at boot, all problems reported together, then frozen. Nothing else
 * reads process.env, so what a process runs with is what its config says.
 *
 * A schema is a `z.object` of UPPER_CASE keys whose `.describe()` says meaning, unit and remedy; the same text stands in
 * `.env.example`, and a test compares the two. Mark secrets with `.meta({ secret: true })`: their values are never shown.
 */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * @param env usually `process.env`; an empty value counts as not set, other variables are ignored.
 * @returns the parsed values, frozen.
 * @throws ConfigError with one sentence per problem: name, value (secrets masked), bound, remedy.
 */
export function parseConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<Schema>> {
  const given: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const value = env[key];
    if (value !== undefined && value !== '') given[key] = value;
  }
  const result = schema.safeParse(given);
  if (result.success) {
    const unsafe = given.NODE_ENV === 'production' ? unsafeInProduction(schema, given) : [];
    if (unsafe.length > 0) throw new ConfigError(unsafe);
    return Object.freeze(result.data);
  }
  throw new ConfigError(result.error.issues.map((issue) => describe(schema, given, issue)));
}

/** A whole number between two bounds. */
export function wholeNumber(min: number, max: number) {
  const bound = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d+$/, bound)
    .transform(Number)
    .pipe(z.number().min(min, bound).max(max, bound));
}

/** `true` or `false`, spelled out: `0`, `no` and `off` mean different things to different people. */
export function flag() {
  return z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true');
}

/** An absolute URL with one of the given protocols (without the colon). */
export function url(...protocols: string[]) {
  return z.string().refine(
    (text) => {
      const parsed = URL.parse(text);
      return parsed !== null && protocols.includes(parsed.protocol.slice(0, -1));
    },
    { error: `must be a URL that starts with ${protocols.map((p) => `${p}://`).join(' or ')}` },
  );
}

/**
 * The keys that seal what must be read again. Development has a key that everybody knows, so that it needs no setup;
 * production refuses to start on it.
 */
export function encryptionKeys() {
  return z
    .string()
    .prefault(`development:${Buffer.alloc(32, 'carillon').toString('base64')}`)
    .transform((text, context): KeyRing => {
      const ring = parseKeyRing(text);
      if (!('problem' in ring)) return ring;
      context.addIssue({ code: 'custom', message: `is no list of keys: ${ring.problem}` });
      return z.NEVER;
    })
    .describe(
      'keys that seal provider credentials and signing secrets: <id>:<base64 of 32 bytes>, comma-separated, the current one first. Make one with "openssl rand -base64 32".',
    )
    .meta({ secret: true, requiredInProduction: true });
}

/** Whether a key's value must never be shown. */
export function isSecret(schema: z.ZodObject, key: string): boolean {
  const field = schema.shape[key] as z.ZodType | undefined;
  return field?.meta()?.secret === true;
}

function describe(schema: z.ZodObject, given: Record<string, string>, issue: z.core.$ZodIssue): string {
  const key = String(issue.path[0] ?? '');
  const field = schema.shape[key] as z.ZodType | undefined;
  const remedy = field?.description ? ` It is: ${field.description}` : '';
  const value = given[key];
  if (value === undefined && issue.code !== 'custom') return `${key} is not set.${remedy}`;
  if (value === undefined) return `${key}: ${issue.message}.${remedy}`;
  return `${key}=${isSecret(schema, key) ? mask(value) : withoutPassword(value)} ${issue.message}.${remedy}`;
}

function unsafeInProduction(schema: z.ZodObject, given: Record<string, string>): string[] {
  const missing = Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) =>
    field.meta()?.requiredInProduction && given[key] === undefined
      ? [`${key} is not set, and production cannot run on its default. It is: ${field.description}`]
      : [],
  );
  return [...missing, ...Object.entries(given).flatMap(weakPassword)];
}

const LEAST_PASSWORD_LENGTH = 12;
const WELL_KNOWN = /^(postgres|password|carillon|redis|admin|secret|change-?me|example|123456)+\d*$/i;

/** A production server reached over a network with a guessable password is an open server. */
function weakPassword([key, value]: [string, string]): string[] {
  const parsed = URL.parse(value);
  if (!parsed?.username || !/^(postgres|redis)/.test(parsed.protocol)) return [];
  const password = decodeURIComponent(parsed.password);
  if (password.length >= LEAST_PASSWORD_LENGTH && !WELL_KNOWN.test(password)) return [];
  return [
    `${key} has a weak password (${password.length} characters): production needs ${LEAST_PASSWORD_LENGTH} or more that nobody would guess. Make one with "openssl rand -base64 24".`,
  ];
}

function mask(value: string): string {
  return `(a secret of ${value.length} characters)`;
}

/** Connection URLs carry passwords even where the key itself is no secret. */
function withoutPassword(value: string): string {
  return `"${value.replace(/(:\/\/[^:@/]*:)[^@/]*@/, '$1***@')}"`;
}
