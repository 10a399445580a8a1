import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@carillon/local/ports';
import { until } from '../../support/until.ts';
import type { Cell, Script } from '../cell/cell.ts';
import type { Child } from '../cell/child.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import type { PlannedRequest } from '../load/plan.ts';
import { callApiAt } from '../system/call-api.ts';
import type { Column, Word } from './columns.ts';
import { type CrashPoint, pointNamed } from './crash-points.ts';

const DIE_WITHIN_MS = 90_000;

/** Starts the process that dies at the point, gives it work, and waits for its death. @returns when it died */
export function dieAt(cell: Cell, point: CrashPoint, column: Column): Promise<number> {
  return point.program === 'api' ? dieAsApi(cell, point, column) : dieAsWorker(cell, point, column);
}

async function dieAsApi(cell: Cell, point: CrashPoint, column: Column): Promise<number> {
  const port = await freePort();
  const api = cell.startApi(port, ['test/chaos/crash/crash-api.ts', point.name]);
  const url = `http://127.0.0.1:${port}`;
  await until('the API to answer', () => fetch(`${url}/healthz`).then(({ ok }) => ok), {
    timeoutMs: 60_000,
    everyMs: 50,
  });
  // The client repeats until it is answered, so asking ends only when a sound API runs.
  const asked = cell.ask(requestsFor(cell, point, column), callApiAt(url, cell.keys));
  const diedAt = await death(api, point);
  cell.startApi(port);
  await asked;
  return diedAt;
}

async function dieAsWorker(cell: Cell, point: CrashPoint, column: Column): Promise<number> {
  const crashing = (name: string): Script => ['test/chaos/crash/crash-worker.ts', name, cell.simulatorUrl];
  const { setting } = point;
  const first = setting && FIRST_DEATH[setting];
  if (first) {
    // The setting is what another death leaves behind.
    const before = pointNamed(first);
    const worker = cell.startWorker(crashing(before.name));
    await cell.isUp();
    await cell.ask(requestsFor(cell, before, column));
    await death(worker, before);
    if (setting === 'lost Redis') await cell.loseRedis();
    if (setting === 'lost retry') await cell.loseJobs();
    return death(cell.startWorker(crashing(point.name)), point);
  }
  const worker = cell.startWorker(crashing(point.name));
  await cell.isUp();
  await cell.ask(requestsFor(cell, point, column));
  return death(worker, point);
}

const FIRST_DEATH: Partial<Record<NonNullable<CrashPoint['setting']>, string>> = {
  'expired lease': 'deliver: claimed',
  'lost answer': 'send: taken, not answered',
  'lost retry': 'deliver: wait recorded, job not delayed',
  'lost Redis': 'relay: committed',
};

/** It must kill itself at the point: anything else proves nothing. @returns when it did */
export async function death(child: Child, point: CrashPoint): Promise<number> {
  const late = pause(DIE_WITHIN_MS, null, { ref: false });
  const end = await Promise.race([child.ended, late]);
  if (end === null) throw new Error(`nothing came to the point "${point.name}" within ${DIE_WITHIN_MS} ms`);
  if (end.signal !== 'SIGKILL')
    throw new Error(`it ended with ${JSON.stringify(end)} before "${point.name}"`);
  return Date.now();
}

const CHUNK = 60;
/** The messages of each setting: how many, and the command in the recipient of the k-th. */
const ASKED: Partial<Record<NonNullable<CrashPoint['setting']>, { count: number; word(k: number): Word }>> = {
  'slow provider': { count: 1, word: () => 'slow' },
  throttled: { count: 1, word: () => 'throttle' },
  chunk: { count: CHUNK, word: (k) => (k % 20 === 7 ? 'throttle' : 'ok') },
  line: { count: 2, word: (k) => (k === 0 ? 'slow' : 'ok') },
};

/** Every cell has its own texts: they share the simulator, and a lookup by text would find another cell's message. */
function requestsFor({ namespace }: Cell, { setting }: CrashPoint, column: Column): PlannedRequest[] {
  const { count, word } = (setting && ASKED[setting]) ?? { count: 1, word: (): Word => 'ok' };
  const isChunk = setting === 'chunk';
  const items = Array.from({ length: count }, (_, k) =>
    messageTo(column, {
      key: `${namespace}-${k}`,
      word: word(k),
      priority: isChunk ? 'bulk' : 'critical',
      ...(setting === 'line' ? { orderingKey: 'line' } : {}),
    }),
  );
  return requestsOf(column, items, isChunk);
}
