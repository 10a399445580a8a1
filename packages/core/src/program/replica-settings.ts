import type { z } from 'zod';
import { ConfigError, wholeNumber } from './config.ts';
import { type databaseSettings, postgresUrl } from './database-settings.ts';
import { postgresTls, withTlsVariables } from './postgres-tls.ts';

/** The settings of programs that read from a replica. `replicaAddress` reads them. */
export function replicaSettings() {
  return {
    DATABASE_REPLICA_URL: postgresUrl()
      .optional()
      .describe(
        'a streaming replica of DATABASE_URL, with the same database, for lists, counts, exports and the overview.',
      ),
    DATABASE_REPLICA_MAX_LAG_SECONDS: wholeNumber(2, 3600)
      .prefault('10')
      .describe('seconds that an answer of the replica may be behind; the primary answers while it is more.'),
  };
}

type Settings = Readonly<
  z.output<z.ZodObject<ReturnType<typeof replicaSettings> & ReturnType<typeof databaseSettings>>>
>;

export interface ReplicaAddress {
  /** With what the variables of libpq say about encryption. */
  url: string;
  /** In milliseconds. */
  maxLagMs: number;
}

/**
 * @returns null without a replica.
 * @throws ConfigError where settings contradict each other.
 */
export function replicaAddress({
  DATABASE_REPLICA_URL: given,
  DATABASE_REPLICA_MAX_LAG_SECONDS: seconds,
  ...variables
}: Settings): ReplicaAddress | null {
  if (given === undefined) return null;
  const url = withTlsVariables(given, variables);
  const tls = postgresTls(url);
  if ('problem' in tls)
    throw new ConfigError([`DATABASE_REPLICA_URL with PGSSLMODE and its kind ${tls.problem}.`]);
  return { url, maxLagMs: seconds * 1000 };
}
