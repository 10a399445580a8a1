import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { expect, inject, test } from 'vitest';
import { missingHistory, unpackPrevious } from '../upgrade/previous-release.ts';
import { openCell } from './cell/cell.ts';
import { startChild } from './cell/child.ts';
import { prepareGround } from './cell/ground.ts';
import { rollOut } from './upgrade/roll-out.ts';

const LEASE_SECONDS = 8;
const SETTLE_MS = 60_000;

/** Only outside of CI: there the whole history is part of the checkout, and a test that is skipped is one that failed. */
const reason = missingHistory();
if (reason !== null && !process.env.CI) console.warn(`The upgrade test is skipped. ${reason}`);

test.skipIf(reason !== null && !process.env.CI)(
  'old and new processes on the new schema, in every mixture: nothing is lost, doubled or refused',
  async () => {
    if (reason !== null) throw new Error(reason);
    const previous = mkdtempSync(path.join(tmpdir(), 'carillon-previous-'));
    const templateDatabase = `carillon_previous_${path.basename(previous).slice(-6).toLowerCase()}`;
    try {
      unpackPrevious(previous);
      await makeTemplate(templateDatabase, previous);
      const ground = await prepareGround({
        adminDatabaseUrl: inject('adminDatabaseUrl'),
        templateDatabase,
        redisUrl: inject('redisUrl'),
      });
      try {
        const cell = await openCell(ground, 'upgrade', LEASE_SECONDS);
        try {
          const { findings, steps } = await rollOut(cell, previous);
          await cell.settle(SETTLE_MS);
          const verdict = await cell.judge();
          expect([...findings, ...verdict.findings], `${steps.join('\n')}\n${cell.logs()}`).toEqual([]);
        } finally {
          await cell.close();
        }
      } finally {
        await ground.stop();
      }
    } finally {
      await asAdmin(`drop database if exists ${templateDatabase} with (force)`);
      rmSync(previous, { recursive: true, force: true });
    }
  },
);

/** A database as the previous release makes it. */
async function makeTemplate(name: string, previous: string): Promise<void> {
  await asAdmin(`create database ${name}`);
  const url = new URL(inject('adminDatabaseUrl'));
  url.pathname = `/${name}`;
  const log = path.join(previous, 'migrate.log');
  const { code } = await startChild(['db/migrate.ts'], { DATABASE_URL: url.href }, log, previous).ended;
  if (code !== 0) throw new Error(`the migration of the previous release ended with ${code}: see ${log}`);
}

async function asAdmin(statement: string): Promise<void> {
  const admin = postgres(inject('adminDatabaseUrl'), { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end({ timeout: 5 });
  }
}
