import { z } from 'zod';
import { type KeyRing, parseKeyRing } from '../notification/envelope.ts';
import { unsafeInProduction } from './production-rules.ts';

/**
 * Configuration from the environment: parsed once at boot, all problems reported together, then frozen. Nothing else
 * reads process.env, so what a process runs with is what its config says.
 *
 * A schema is a `z.object` of UPPER_CASE keys whose `.describe()` says meaning, unit and remedy; the same text is in
 * `.env.example`, and a test compares the two. Mark secrets with `.meta({ secret: true })`: their values are never
 * shown. With `issuedElsewhere: true` another system chose them, and production does not judge them.
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
 * The environment of this process, completed by the `.env` file of the working directory: variables already set take
 * precedence, and a missing file is fine. With NODE_ENV=test the file is ignored, so that tests do not depend on a
 * developer's own.
 *
 * @throws ConfigError if the file exists and cannot be read.
 */
export function environment(): Readonly<Record<string, string | undefined>> {
  if (process.env.NODE_ENV === 'test') return process.env;
  try {
    process.loadEnvFile();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      throw new ConfigError([
        `.env in ${process.cwd()} cannot be read (${message}): correct its owner and mode, or remove it.`,
      ]);
  }
  return process.env;
}

/**
 * @param env usually `environment()`; an empty value counts as not set, other variables are ignored.
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
  const unsafe = given.NODE_ENV === 'production' ? notForProduction(schema, given) : [];
  if (result.success && unsafe.length === 0) return Object.freeze(result.data);
  const issues = result.error?.issues ?? [];
  throw new ConfigError([...issues.map((issue) => describe(schema, given, issue)), ...unsafe]);
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
 * The keys that seal recoverable secrets. Development has a publicly known default key, so it needs no setup;
 * production refuses to start with it.
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

/** Whether another system chose a secret: it is never shown, and this one does not judge how strong it is. */
export function isIssuedElsewhere(schema: z.ZodObject, key: string): boolean {
  const field = schema.shape[key] as z.ZodType | undefined;
  return field?.meta()?.issuedElsewhere === true;
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

function notForProduction(schema: z.ZodObject, given: Record<string, string>): string[] {
  const missing = Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) =>
    field.meta()?.requiredInProduction && given[key] === undefined
      ? [`${key} is not set, and production cannot run on its default. It is: ${field.description}`]
      : [],
  );
  const settings = Object.entries(given).map(([name, value]) => ({
    name,
    value,
    isSecret: isSecret(schema, name) && !isIssuedElsewhere(schema, name),
  }));
  return [...missing, ...unsafeInProduction(settings, given.PRODUCTION_ALLOWS)];
}

function mask(value: string): string {
  return `(a secret of ${value.length} characters)`;
}

/** Connection URLs carry passwords even where the key itself is no secret. */
function withoutPassword(value: string): string {
  return `"${value.replace(/(:\/\/[^:@/]*:)[^@/]*@/, '$1***@')}"`;
}
