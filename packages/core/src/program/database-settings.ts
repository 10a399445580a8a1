import { z } from 'zod';
import { ConfigError } from './config.ts';
import { postgresTls, SSL_MODES, withTlsVariables } from './postgres-tls.ts';

/**
 * Where PostgreSQL is, for every program: through a pooler or not, and how the connections are encrypted.
 */
export interface DatabaseAddress {
  /** Of DATABASE_URL, with what the variables of libpq say about encryption. */
  url: string;
  /** Set: DATABASE_URL leads to a pooler that gives each transaction a connection of the server. */
  pooler: 'transaction' | null;
  /** For sessions that are more than one transaction; null where only a pooler is known. */
  directUrl: string | null;
}

/** A URL of PostgreSQL, with libpq's words for encryption. */
export function postgresUrl() {
  return z.string().superRefine((text, context) => {
    const parsed = URL.parse(text);
    const isPostgres = parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol);
    const tls = isPostgres
      ? postgresTls(text)
      : { problem: 'must be a URL that starts with postgres:// or postgresql://' };
    if ('problem' in tls) context.addIssue({ code: 'custom', message: tls.problem });
  });
}

/** The settings of every program that uses PostgreSQL. `databaseAddress` reads them. */
export function databaseSettings() {
  return {
    DATABASE_URL: postgresUrl().describe('PostgreSQL, for example postgres://user:password@host:5432/db.'),
    DATABASE_POOLER: z
      .enum(['transaction'], { error: 'must be transaction, or not set' })
      .optional()
      .describe('transaction where DATABASE_URL leads to a pooler such as PgBouncer, in whatever mode.'),
    DATABASE_DIRECT_URL: postgresUrl()
      .optional()
      .describe(
        'PostgreSQL itself, where DATABASE_URL leads to a pooler: for migrations, backups, and the wake-ups of workers.',
      ),
    PGSSLMODE: z
      .enum(SSL_MODES, { error: `must be one of ${SSL_MODES.join(', ')}` })
      .optional()
      .describe('sslmode, where the URL has none.'),
    PGSSLROOTCERT: z
      .string()
      .optional()
      .describe(
        'file with the authority of the certificate of PostgreSQL, where the URL has no sslrootcert.',
      ),
    PGSSLCERT: z
      .string()
      .optional()
      .describe('file with a client certificate, where the URL has no sslcert.'),
    PGSSLKEY: z.string().optional().describe('file with its key, where the URL has no sslkey.'),
  };
}

type Settings = Readonly<z.output<z.ZodObject<ReturnType<typeof databaseSettings>>>>;

/** @throws ConfigError where settings contradict each other. */
export function databaseAddress(config: Settings): DatabaseAddress {
  const problems: string[] = [];
  const complete = (name: 'DATABASE_URL' | 'DATABASE_DIRECT_URL', url: string): string => {
    const full = withTlsVariables(url, config);
    const tls = postgresTls(full);
    if ('problem' in tls) problems.push(`${name} with PGSSLMODE and its kind ${tls.problem}.`);
    return full;
  };
  const url = complete('DATABASE_URL', config.DATABASE_URL);
  const direct = config.DATABASE_DIRECT_URL;
  const pooler = config.DATABASE_POOLER ?? null;
  const directUrl =
    direct === undefined ? (pooler === null ? url : null) : complete('DATABASE_DIRECT_URL', direct);
  if (problems.length > 0) throw new ConfigError(problems);
  return { url, pooler, directUrl };
}

/**
 * @param who what needs it, as the beginning of a sentence.
 * @throws ConfigError with the remedy where only the address of a pooler is known.
 */
export function directUrlOf({ directUrl }: DatabaseAddress, who: string): string {
  if (directUrl !== null) return directUrl;
  throw new ConfigError([
    `DATABASE_DIRECT_URL is not set, and DATABASE_URL leads to a pooler (DATABASE_POOLER=transaction). ${who} a session of PostgreSQL itself: set it to the address of the server behind the pooler.`,
  ]);
}
