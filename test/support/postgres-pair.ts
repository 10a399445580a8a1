import { spawnSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@carillon/local/ports';
import { type LocalPostgres, startPostgres } from '@carillon/local/postgres';
import postgres, { type Sql } from 'postgres';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** A PostgreSQL primary, a standby that streams from it, and one address for both. */
export interface PostgresPair {
  /** Leads to the server that takes writes, as a superuser. */
  url: string;
  /** Leads to the standby, as a superuser: it only reads. */
  standbyUrl: string;
  /** The connection by which the standby follows: frozen, it falls behind. */
  replication: TcpProxy;
  /** The connections by which the standby is read. */
  readers: TcpProxy;
  /** Stops the standby from repeating what the primary does, or lets it go on. */
  pauseReplay(isPaused: boolean): Promise<void>;
  /** The standby takes writes from now on, beside the primary, to which the address still leads. */
  promoteStandby(): Promise<void>;
  /**
   * What a commit waits for: with `true` until the standby has it on its disk, if it is there; with `false` for the
   * primary alone. Resolves when it holds.
   */
  beSynchronous(isOn: boolean): Promise<void>;
  /** How far the standby is behind, in bytes; null while it does not follow. */
  behind(): Promise<number | null>;
  /** The primary dies at once, the standby takes over, and the address leads to it. What it lacks is lost. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

const STANDBY = 'carillon_standby';
const PASSWORD = 'standby-of-a-test-4f1c9d';

/** @param dir where both keep data and logs; it must exist, and the account of the server must be able to reach it */
export async function startPostgresPair(dir: string): Promise<PostgresPair> {
  const stoppers: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stoppers.splice(0).reverse()) await each();
  };
  const start = async (name: string): Promise<LocalPostgres> => {
    const server = await startPostgres({
      dataDir: path.join(dir, name),
      port: await freePort(),
      password: PASSWORD,
      logFile: path.join(dir, `${name}.log`),
    });
    stoppers.push(server.stop);
    return server;
  };
  try {
    const primary = await start('primary');
    const admin = connect(primary.url);
    stoppers.push(() => admin.end({ timeout: 1 }));
    const replication = await tcpProxy(primary.port);
    stoppers.push(replication.close);
    await copyData(admin, path.join(dir, 'primary'), path.join(dir, 'standby'), replication.port);
    const standby = await start('standby');
    const follower = connect(standby.url);
    stoppers.push(() => follower.end({ timeout: 1 }));
    const address = await tcpProxy(primary.port);
    stoppers.push(address.close);
    const readers = await tcpProxy(standby.port);
    stoppers.push(readers.close);
    const behind = async (): Promise<number | null> => {
      const [row] = await admin<[{ bytes: number }?]>`
        select pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn)::float8 as bytes
        from pg_stat_replication where application_name = ${STANDBY} and state = 'streaming'`;
      return row?.bytes ?? null;
    };
    await until('the standby to follow', async () => (await behind()) === 0, { timeoutMs: 30_000 });
    const through = (proxy: TcpProxy): string => {
      const url = new URL(primary.url);
      url.port = String(proxy.port);
      return url.href;
    };
    return {
      url: through(address),
      standbyUrl: through(readers),
      replication,
      readers,
      async pauseReplay(isPaused) {
        await (isPaused ? follower`select pg_wal_replay_pause()` : follower`select pg_wal_replay_resume()`);
        await until('the replay to obey', async () => {
          const [row] = await follower`select pg_get_wal_replay_pause_state() = 'paused' as paused`;
          return row?.paused === isPaused;
        });
      },
      async promoteStandby() {
        await follower`select pg_promote(true, 30)`;
      },
      behind,
      async beSynchronous(isOn) {
        const names = isOn ? STANDBY : '';
        await admin.unsafe(`alter system set synchronous_standby_names = '${names}'`);
        await admin`select pg_reload_conf()`;
        await until('the standby to be waited for', async () => {
          const [row] = await admin`
            select sync_state from pg_stat_replication where application_name = ${STANDBY}`;
          return (row?.sync_state === 'sync') === isOn;
        });
      },
      async promote() {
        process.kill(primary.pid, 'SIGKILL');
        await primary.ended;
        await follower`select pg_promote(true, 30)`;
        // A commit of the new primary has no standby of its own to wait for.
        await follower`alter system set synchronous_standby_names = ''`;
        await follower`select pg_reload_conf()`;
        address.lead(standby.port);
        address.reset();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const connect = (url: string): Sql => postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });

/**
 * A base backup without pg_basebackup, which npm does not bring: https://www.postgresql.org/docs/18/continuous-archiving.html
 *
 * @param port where the standby reaches the primary
 */
async function copyData(admin: Sql, from: string, to: string, port: number): Promise<void> {
  await admin`select pg_backup_start('standby', true)`;
  // With the owner, which is another account where this runs as root.
  const copied = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  const [end] = await admin<[{ labelfile: string }]>`select labelfile from pg_backup_stop(false)`;
  if (copied.status !== 0) throw new Error(`cp: ${copied.stderr}`);
  rmSync(path.join(to, 'postmaster.pid'));
  writeFileSync(path.join(to, 'backup_label'), end.labelfile);
  writeFileSync(path.join(to, 'standby.signal'), '');
  const conninfo = `host=127.0.0.1 port=${port} user=carillon password=${PASSWORD} application_name=${STANDBY}`;
  appendFileSync(path.join(to, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  for (const file of ['backup_label', 'standby.signal'])
    spawnSync('chown', ['--reference', path.join(to, 'PG_VERSION'), path.join(to, file)]);
}
