import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { migrate } from '@carillon/db/migrate';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import postgres from 'postgres';
import { type PostgresPair, startPostgresPair } from './postgres-pair.ts';

/** An installation's database on a primary and on its streaming standby, with the newest schema and no rows. */
export interface ReplicatedDatabase {
  /** On the primary, as the user that owns the database and has no further rights. */
  url: string;
  /** The same on the standby. */
  replicaUrl: string;
  pair: PostgresPair;
  stop(): Promise<void>;
}

const NAME = 'installation';

/** Two servers of this file alone, because it pauses, cuts off and promotes them. */
export async function replicatedDatabase(): Promise<ReplicatedDatabase> {
  // On the disk and not in /tmp, which is memory on some machines; the account of PostgreSQL has to get there.
  const dir = mkdtempSync('/var/tmp/carillon-replica-');
  chmodSync(dir, 0o755);
  const disarm = deadManSwitch('sleep 9; rm -rf "$0"', dir);
  const pair = await startPostgresPair(dir);
  const stop = async (): Promise<void> => {
    await pair.stop();
    disarm();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const password = randomBytes(16).toString('hex');
    const admin = postgres(pair.url, { max: 1, onnotice: () => {} });
    await admin.unsafe(`create role ${NAME} login password '${password}'`);
    await admin.unsafe(`create database ${NAME} owner ${NAME}`).finally(() => admin.end({ timeout: 1 }));
    const ours = (given: string): string => {
      const url = new URL(given);
      Object.assign(url, { username: NAME, password, pathname: `/${NAME}` });
      return url.href;
    };
    const url = ours(pair.url);
    await migrate(url);
    return { url, replicaUrl: ours(pair.standbyUrl), pair, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
