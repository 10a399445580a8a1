import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate } from '@carillon/db/migrate';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import { freePort } from '@carillon/local/ports';
import postgres from 'postgres';
import { systemClockOff } from '../../support/faketime.ts';
import { startPostgresPair } from '../../support/postgres-pair.ts';
import { until } from '../../support/until.ts';
import { type Cell, openCell } from '../cell/cell.ts';
import { prepareGround } from '../cell/ground.ts';
import { RECOVER_MS } from '../judge/recovery.ts';
import type { Finding } from '../judge/rules.ts';
import { type EndlessLoad, startEndlessLoad } from '../load/endless-load.ts';
import { NEIGHBOURS, type Neighbour, type Place } from './neighbours.ts';

export interface NeighboursOptions {
  redisUrl: string;
  /** How long each of them lasts. Longer than the 6 s in which every request is answered. */
  lastsMs: number;
  /** The clock of the second API and the second worker is off by so much. */
  clockOffMs: number;
  settleMs: number;
}

export interface NeighboursResult {
  findings: Finding[];
  /** A line per neighbour: what was refused, how soon all worked again, how much was logged. */
  story: string[];
}

const LEASE_SECONDS = 8;
const ENOUGH = 10;
/** Of all four programs together, per neighbour: each may report a reason once in ten seconds. */
const LINES_PER_TEN_SECONDS = 40;

/**
 * Two nodes, each an API and a worker, of which one has a wrong clock, on a PostgreSQL with a synchronous standby. One
 * neighbour after the other, under load: nothing is lost or doubled, what cannot be accepted is refused with 503 and
 * `Retry-After`, all of them work again by themselves, and the log stays readable.
 */
export async function runNeighbours(options: NeighboursOptions): Promise<NeighboursResult> {
  // On the disk and not in /tmp, which is memory on some machines; the account of PostgreSQL has to get there.
  const dir = mkdtempSync('/var/tmp/carillon-neighbours-');
  chmodSync(dir, 0o755);
  const takeBack = deadManSwitch('sleep 9; rm -rf "$0"', dir);
  const pair = await startPostgresPair(dir);
  try {
    const templateDatabase = 'carillon_template';
    await prepareTemplate(pair.url, templateDatabase);
    const ground = await prepareGround({
      adminDatabaseUrl: pair.url,
      templateDatabase,
      redisUrl: options.redisUrl,
    });
    try {
      const cell = await openCell(ground, 'neighbours', LEASE_SECONDS);
      try {
        const ownUrl = await ownAccount(cell.databaseUrl);
        await pair.beSynchronous(true);
        return await play(cell, { pair, databaseUrl: cell.databaseUrl, ownUrl }, options);
      } finally {
        await cell.close();
      }
    } finally {
      await ground.stop();
    }
  } finally {
    await pair.stop();
    takeBack();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function play(cell: Cell, place: Place, options: NeighboursOptions): Promise<NeighboursResult> {
  const state = { mayRefuse: false };
  const load = startEndlessLoad(cell, 'neighbours', () => state.mayRefuse);
  const { env: clock, how } = systemClockOff(options.clockOffMs);
  const story = [`one node is off by ${options.clockOffMs / 60_000} minutes (${how})`];
  const urls = (
    await Promise.all([startNode(cell, place.ownUrl, {}), startNode(cell, place.ownUrl, clock)])
  ).flatMap(({ api, worker }) => [api, worker]);
  load.add('right API', urls[0]!);
  load.add('off API', urls[2]!);
  const findings: Finding[] = [];
  await load.untilSent(['right API', 'off API'], ENOUGH);
  for (const neighbour of NEIGHBOURS) {
    const before = { refused: load.refused(), lines: linesOf(cell) };
    const begun = performance.now();
    state.mayRefuse = true;
    const end = await neighbour.begin(place);
    await pause(neighbour.refuses ? options.lastsMs : 0);
    await end();
    const workedAfterMs = await recovered(load, urls);
    state.mayRefuse = false;
    const seen = {
      refused: load.refused() - before.refused,
      workedAfterMs,
      lines: linesOf(cell) - before.lines,
      tookMs: performance.now() - begun,
    };
    story.push(
      `${neighbour.name}: ${seen.refused} requests answered 503, all worked ${workedAfterMs} ms after its end, ${seen.lines} lines of warnings in ${Math.round(seen.tookMs / 1000)} s`,
    );
    findings.push(...findingsOf(neighbour, seen));
    if (load.findings.length > 0) break;
  }
  await load.end();
  await cell.settle(options.settleMs);
  const verdict = await cell.judge();
  return { findings: [...load.findings, ...findings, ...verdict.findings], story };
}

/** An API and a worker on one machine. */
async function startNode(cell: Cell, databaseUrl: string, clock: Record<string, string>) {
  const [apiPort, workerPort] = [await freePort(), await freePort()];
  const env = { ...clock, DATABASE_URL: databaseUrl };
  cell.startApi(apiPort, undefined, env);
  cell.startWorker(undefined, {
    ...env,
    WORKER_PORT: String(workerPort),
    WORKER_ROLES: 'deliver,relay,events,maintenance',
  });
  const urls = { api: `http://127.0.0.1:${apiPort}`, worker: `http://127.0.0.1:${workerPort}` };
  await Promise.all(Object.values(urls).map(untilReady));
  return urls;
}

const untilReady = (url: string) =>
  until(`${url} to be ready`, () => fetch(`${url}/readyz`).then(({ ok }) => ok), {
    timeoutMs: 60_000,
    everyMs: 50,
  });

/** Ms until both APIs accepted what was then sent, and every program said that it is ready. */
async function recovered(load: EndlessLoad, urls: readonly string[]): Promise<number> {
  const begun = performance.now();
  await Promise.all([load.untilSent(['right API', 'off API'], ENOUGH), ...urls.map(untilReady)]);
  return Math.round(performance.now() - begun);
}

interface Seen {
  refused: number;
  workedAfterMs: number;
  lines: number;
  tookMs: number;
}

function findingsOf({ name, refuses }: Neighbour, seen: Seen): Finding[] {
  const findings: Finding[] = [];
  if (refuses && seen.refused === 0)
    findings.push({ rule: 'unproven', id: name, why: 'no request was refused meanwhile' });
  if (seen.workedAfterMs > RECOVER_MS)
    findings.push({
      rule: 'slow_recovery',
      id: name,
      why: `all worked again after ${seen.workedAfterMs} ms`,
    });
  const allowed = LINES_PER_TEN_SECONDS * Math.ceil(seen.tookMs / 10_000);
  if (seen.lines > allowed)
    findings.push({ rule: 'log_flood', id: name, why: `${seen.lines} lines, ${allowed} are enough` });
  return findings;
}

/** Warnings and errors so far. */
const linesOf = ({ logFile }: Cell): number =>
  readFileSync(logFile, 'utf8').match(/"level":"(warn|error)"/g)?.length ?? 0;

async function prepareTemplate(adminUrl: string, name: string): Promise<void> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name}`).finally(() => admin.end({ timeout: 1 }));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
}

/** @returns the URL of the same database for an account as Carillon should have it: it owns the tables, nothing else */
async function ownAccount(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl);
  url.username = 'app';
  url.password = randomBytes(18).toString('hex');
  const admin = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(`create role app login password '${url.password}'`);
    for (const schema of ['public', 'drizzle']) {
      await admin.unsafe(`grant usage on schema ${schema} to app`);
      await admin.unsafe(`grant all on all tables in schema ${schema} to app`);
      await admin.unsafe(`grant all on all sequences in schema ${schema} to app`);
    }
  } finally {
    await admin.end({ timeout: 1 });
  }
  return url.href;
}
