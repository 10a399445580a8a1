import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reachableDir } from '@carillon/local/postgres';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../db/connection/client.ts';
import { findPooler, startPooler } from './support/pooler.ts';
import { startPostgresPair } from './support/postgres-pair.ts';
import { until } from './support/until.ts';

const found = findPooler();
if ('missing' in found) console.warn(`without a pooler: ${found.missing}`);
const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

test.skipIf('missing' in found)(
  'after a failover of the primary behind the pooler statements and wake-ups go on by themselves',
  async () => {
    if ('missing' in found) return;
    const dir = mkdtempSync(path.join(reachableDir(tmpdir(), '/var/tmp'), 'carillon-failover-'));
    chmodSync(dir, 0o755);
    ends.push(() => rmSync(dir, { recursive: true, force: true }));
    const pair = await startPostgresPair(dir);
    ends.push(pair.stop);
    const pooler = await startPooler(found, { server: pair.url, settings: { server_login_retry: '1' } });
    ends.push(pooler.stop);
    const url = pooler.through(pair.url);
    const db = openDatabase({
      url,
      pooler: 'transaction',
      directUrl: pair.url,
      name: 'failover',
      connections: 3,
    });
    ends.push(db.close);
    await db.sql`create table kept (n int)`;
    await db.sql`insert into kept values (${1})`;
    const heard: string[] = [];
    await db.listen('failover', (payload) => heard.push(payload));
    await until('the standby', async () => (await pair.behind()) === 0);
    await pair.promote();
    await until('a write', () => db.sql`insert into kept values (${2})`.then(() => true), {
      timeoutMs: 60_000,
    });
    await until('a transaction', () =>
      db.sql.begin((tx) => tx`insert into kept values (3)`).then(() => true),
    );
    const kept = await db.sql<{ n: number }[]>`select distinct n from kept order by n`;
    expect(kept.map(({ n }) => n)).toEqual([1, 2, 3]);
    await until('a wake-up', async () => {
      await db.sql`select pg_notify('failover', ${'again'})`;
      return heard.includes('again');
    });
  },
  180_000,
);
