import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { migrate } from '@carillon/db/migrate';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import postgres from 'postgres';
import { type PostgresPair, startPostgresPair } from '../../support/postgres-pair.ts';
import { type Cell, openCell } from '../cell/cell.ts';
import { prepareGround } from '../cell/ground.ts';

const LEASE_SECONDS = 8;

/** Does something with a cell whose PostgreSQL has a standby; it follows, and no commit waits for it. */
export async function withPair<T>(
  redisUrl: string,
  name: string,
  work: (cell: Cell, pair: PostgresPair) => Promise<T>,
): Promise<T> {
  // On the disk and not in /tmp, which is memory on some machines; the account of PostgreSQL has to get there.
  const dir = mkdtempSync('/var/tmp/carillon-pair-');
  chmodSync(dir, 0o755);
  const stoppers: (() => unknown)[] = [
    () => rmSync(dir, { recursive: true, force: true }),
    deadManSwitch('sleep 9; rm -rf "$0"', dir),
  ];
  try {
    const pair = await startPostgresPair(dir);
    stoppers.push(pair.stop);
    await prepareTemplate(pair.url);
    const servers = { adminDatabaseUrl: pair.url, templateDatabase: TEMPLATE, redisUrl };
    const ground = await prepareGround(servers);
    stoppers.push(ground.stop);
    const cell = await openCell(ground, name, LEASE_SECONDS);
    stoppers.push(cell.close);
    return await work(cell, pair);
  } finally {
    for (const each of stoppers.reverse()) await each();
  }
}

const TEMPLATE = 'carillon_template';

async function prepareTemplate(adminUrl: string): Promise<void> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${TEMPLATE}`).finally(() => admin.end({ timeout: 1 }));
  const url = new URL(adminUrl);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href);
}
