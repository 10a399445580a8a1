import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@carillon/local/ports';
import { reachableDir, startPostgres } from '@carillon/local/postgres';
import postgres from 'postgres';

/** A PostgreSQL whose certificate is of an authority of its own. */
export interface TlsPostgres {
  /** Of the superuser, without a word about encryption. */
  url: string;
  files: Record<'authority' | 'otherAuthority' | 'client' | 'clientKey' | 'otherKey', string>;
  /** Whether the server speaks TLS from now on. */
  speakTls(isOn: boolean): Promise<void>;
  /** From now on these lines alone say who is let in. https://www.postgresql.org/docs/18/auth-pg-hba-conf.html */
  letIn(...lines: string[]): Promise<void>;
  stop(): Promise<void>;
}

const FIXTURES = path.join(import.meta.dirname, '../../packages/providers/fixtures/tls');
const file = (name: string): string => path.join(FIXTURES, name);

/** The certificate names `localhost` and 127.0.0.1. The client certificate, of an authority of its own, names `carillon`. */
export async function startTlsPostgres(): Promise<TlsPostgres> {
  const dir = mkdtempSync(path.join(reachableDir(tmpdir(), '/var/tmp'), 'carillon-tls-'));
  chmodSync(dir, 0o755);
  const dataDir = path.join(dir, 'data');
  const server = await startPostgres({
    dataDir,
    port: await freePort(),
    password: 'tls-of-a-test-7d1e20',
    logFile: path.join(dir, 'log'),
    durable: false,
  });
  const hba = path.join(dataDir, 'pg_hba.conf');
  for (const [from, to] of [
    ['cert.pem', 'server.crt'],
    ['key.pem', 'server.key'],
    ['client.pem', 'clients.crt'],
  ] as const) {
    copyFileSync(file(from), path.join(dataDir, to));
    chmodSync(path.join(dataDir, to), 0o600);
    spawnSync('chown', ['--reference', hba, path.join(dataDir, to)]);
  }
  // A client of its own for each: it is reached in the clear, whatever the server does otherwise.
  const alter = async (...statements: string[]): Promise<void> => {
    const admin = postgres(server.url, { max: 1, onnotice: () => {} });
    for (const statement of [...statements, 'select pg_reload_conf()']) await admin.unsafe(statement);
    await admin.end({ timeout: 5 });
  };
  await alter(`alter system set ssl_ca_file = 'clients.crt'`, 'alter system set ssl = on');
  return {
    url: server.url,
    files: {
      authority: file('ca.pem'),
      otherAuthority: file('client.pem'),
      client: file('client.pem'),
      clientKey: file('client-key.pem'),
      otherKey: file('key.pem'),
    },
    speakTls: (isOn) => alter(`alter system set ssl = ${isOn ? 'on' : 'off'}`),
    async letIn(...lines) {
      spawnSync('truncate', ['-s', '0', hba]);
      // The test's own way in stays.
      appendFileSync(
        hba,
        ['hostnossl postgres carillon 127.0.0.1/32 scram-sha-256', ...lines, ''].join('\n'),
      );
      await alter();
    },
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
