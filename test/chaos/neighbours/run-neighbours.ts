import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@carillon/local/ports';
import postgres from 'postgres';
import { systemClockOff } from '../../support/faketime.ts';
import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import { RECOVER_MS } from '../judge/recovery.ts';
import type { Finding } from '../judge/rules.ts';
import { type EndlessLoad, startEndlessLoad } from '../load/endless-load.ts';
import { NEIGHBOURS } from './neighbours.ts';
import { withPair } from './paired-cell.ts';

export interface NeighboursOptions {
  redisUrl: string;
  /** How long each of them lasts at least. */
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

const ENOUGH = 10;
/**
 * Of all four programs together: when a fault begins, twelve lanes and a dozen services of each worker may report it once. A
 * line for each refused request would be many hundreds.
 */
const LINES_PER_TEN_SECONDS = 100;

/**
 * Two nodes, each an API and a worker, of which one has a wrong clock, on a PostgreSQL with a synchronous standby. One
 * neighbour after the other, under load: nothing is lost or doubled, what cannot be accepted is refused with 503 and
 * `Retry-After`, all of them work again by themselves, and the log stays readable.
 */
export function runNeighbours(options: NeighboursOptions): Promise<NeighboursResult> {
  return withPair(options.redisUrl, 'neighbours', async (cell, pair) => {
    const ownUrl = await ownAccount(cell.databaseUrl);
    await pair.beSynchronous(true);
    const place = { pair, databaseUrl: cell.databaseUrl, ownUrl };
    const neighbours = NEIGHBOURS.map((each) => ({ ...each, begin: () => each.begin(place) }));
    return playOneByOne(cell, ownUrl, neighbours, options);
  });
}

/** What is done to a server that all programs use. */
export interface Disturbance {
  name: string;
  /** How long it lasts at least, in ms, until the API must have refused something; 0: the API need not refuse anything. */
  leastMs: number;
  /** Begins it. @returns ends it */
  begin(): Promise<() => Promise<void>>;
}

/**
 * @param databaseUrl as Carillon's programs use it.
 * @param disturbances one after the other, under load.
 */
export async function playOneByOne(
  cell: Cell,
  databaseUrl: string,
  disturbances: readonly Disturbance[],
  options: Omit<NeighboursOptions, 'redisUrl'>,
): Promise<NeighboursResult> {
  const state = { mayRefuse: false };
  const load = startEndlessLoad(cell, 'neighbours', () => state.mayRefuse);
  const { env: clock, how } = systemClockOff(options.clockOffMs);
  const story = [`one node is off by ${options.clockOffMs / 60_000} minutes (${how})`];
  const urls = (
    await Promise.all([startNode(cell, databaseUrl, {}), startNode(cell, databaseUrl, clock)])
  ).flatMap(({ api, worker }) => [api, worker]);
  load.add('right API', urls[0]!);
  load.add('off API', urls[2]!);
  const findings: Finding[] = [];
  await load.untilSent(['right API', 'off API'], ENOUGH);
  for (const neighbour of disturbances) {
    const before = { refused: load.refused(), lines: warningsIn(cell).length };
    const begun = performance.now();
    state.mayRefuse = true;
    const end = await neighbour.begin();
    if (neighbour.leastMs > 0) await pause(Math.max(neighbour.leastMs, options.lastsMs));
    await end();
    const workedAfterMs = await recovered(load, urls);
    state.mayRefuse = false;
    const seen = {
      refused: load.refused() - before.refused,
      workedAfterMs,
      lines: warningsIn(cell).slice(before.lines),
      tookMs: performance.now() - begun,
    };
    story.push(
      `${neighbour.name}: ${seen.refused} requests answered 503, ${inWords(workedAfterMs)}, ${seen.lines.length} lines of warnings in ${Math.round(seen.tookMs / 1000)} s`,
    );
    findings.push(...findingsOf(neighbour, seen));
    if (load.findings.length > 0 || typeof workedAfterMs === 'string') break;
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
    WORKER_ROLES: 'deliver,relay,events,maintenance,campaigns',
  });
  const urls = { api: `http://127.0.0.1:${apiPort}`, worker: `http://127.0.0.1:${workerPort}` };
  await Promise.all(Object.values(urls).map(untilReady));
  return urls;
}

const untilReady = (url: string) =>
  until(
    `${url} to be ready`,
    async () => {
      const answer = await fetch(`${url}/readyz`);
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      return true;
    },
    { timeoutMs: 60_000, everyMs: 50 },
  );

/**
 * Ms until both APIs accepted what was then sent, and every program said that it is ready; or what was waited for in
 * vain.
 */
async function recovered(load: EndlessLoad, urls: readonly string[]): Promise<number | string> {
  const begun = performance.now();
  try {
    await Promise.all([load.untilSent(['right API', 'off API'], ENOUGH), ...urls.map(untilReady)]);
    return Math.round(performance.now() - begun);
  } catch (error) {
    return (error as Error).message;
  }
}

const inWords = (workedAfterMs: number | string): string =>
  typeof workedAfterMs === 'string' ? workedAfterMs : `all worked ${workedAfterMs} ms after its end`;

interface Seen {
  refused: number;
  workedAfterMs: number | string;
  lines: readonly string[];
  tookMs: number;
}

function findingsOf({ name, leastMs }: Disturbance, seen: Seen): Finding[] {
  const findings: Finding[] = [];
  if (leastMs > 0 && seen.refused === 0)
    findings.push({ rule: 'unproven', id: name, why: 'no request was refused meanwhile' });
  const { workedAfterMs } = seen;
  const late = typeof workedAfterMs === 'string' || workedAfterMs > RECOVER_MS;
  if (late) findings.push({ rule: 'slow_recovery', id: name, why: inWords(workedAfterMs) });
  const allowed = LINES_PER_TEN_SECONDS * Math.ceil(seen.tookMs / 10_000);
  if (seen.lines.length > allowed)
    findings.push({
      rule: 'log_flood',
      id: name,
      why: `${seen.lines.length} lines, more than ${allowed}: ${mostFrequent(seen.lines)}`,
    });
  return findings;
}

/** Warnings and errors so far. */
const warningsIn = ({ logFile }: Cell): string[] =>
  readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => /"level":"(warn|error)"/.test(line));

/** The most frequent messages, with how often each came. */
function mostFrequent(lines: readonly string[]): string {
  const counts = Map.groupBy(
    lines,
    (line) => /"message":"([^"]{0,100})/.exec(line)?.[1] ?? line.slice(0, 100),
  );
  return [...counts]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, 5)
    .map(([message, all]) => `${all.length} x ${message}`)
    .join('; ');
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
