import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { environment, parseConfig, wholeNumber } from '@carillon/core/program/config';
import { startFailure } from '@carillon/core/program/explain-failure';
import { z } from 'zod';

/**
 * The service `backups` of docker-compose.yml: runs `carillon-admin backup --to DIRECTORY` every BACKUP_EVERY_HOURS, and
 * removes backups that are older than BACKUP_KEEP_DAYS. The directory is for backups alone. With `--check` it only says,
 * by its exit code, whether the newest backup is recent enough.
 *
 * When a backup is due is read from the directory, so a restart neither repeats nor skips one. The newest backup is
 * never removed, however old it is.
 */
const CARILLON_ADMIN = path.join(import.meta.dirname, '../bin/carillon-admin.mjs');
const HOUR_MS = 3_600_000;
const RETRY_MS = 5 * 60_000;
/** How much later than due a backup may be before the service is unhealthy: it takes its time, and may need a retry. */
const LATE_MS = HOUR_MS;

const configSchema = z.object({
  BACKUP_DIRECTORY: z.string().default('/backups').describe('where backups are written; for nothing else.'),
  BACKUP_EVERY_HOURS: wholeNumber(1, 8760).prefault('24').describe('hours from one backup to the next.'),
  BACKUP_KEEP_DAYS: wholeNumber(1, 3650).prefault('14').describe('days for which backups are kept.'),
});

let directory = '';
let everyMs = 0;
let keepMs = 0;
try {
  const config = parseConfig(configSchema, environment());
  directory = config.BACKUP_DIRECTORY;
  everyMs = config.BACKUP_EVERY_HOURS * HOUR_MS;
  keepMs = config.BACKUP_KEEP_DAYS * 24 * HOUR_MS;
  if (process.argv.includes('--check')) process.exitCode = Date.now() - newest() <= everyMs + LATE_MS ? 0 : 1;
  else await run();
} catch (error) {
  console.error(startFailure('The backups', error, {}));
  process.exitCode = 1;
}

async function run(): Promise<void> {
  accessSync(directory, constants.R_OK | constants.W_OK);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  while (!stop.signal.aborted) {
    let waitMs = newest() + everyMs - Date.now();
    if (waitMs <= 0) waitMs = (await backUp(stop.signal)) ? 0 : RETRY_MS;
    else {
      prune();
      console.log(`the next backup is due at ${new Date(newest() + everyMs).toISOString()}`);
    }
    await pause(waitMs, stop.signal);
  }
}

/** @returns whether a new backup is there. */
async function backUp(signal: AbortSignal): Promise<boolean> {
  const before = newest();
  const child = spawn(process.execPath, [CARILLON_ADMIN, 'backup', '--to', directory], { stdio: 'inherit' });
  const forward = () => child.kill('SIGTERM');
  signal.addEventListener('abort', forward, { once: true });
  const code = await once(child, 'exit').then(
    ([status]) => status as number | null,
    (error: Error) => error.message,
  );
  signal.removeEventListener('abort', forward);
  const isMade = code === 0 && newest() > before;
  const problem = code === 0 ? `left nothing new in ${directory}` : `ended with ${code}`;
  if (!isMade && !signal.aborted)
    console.error(`carillon-admin backup ${problem}; it is tried again in ${RETRY_MS / 60_000} minutes`);
  return isMade;
}

/** The backups that are there, each a file or a directory, with the time of the last write in it. Drafts begin with a dot. */
function backups(): { place: string; at: number }[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.') && name !== 'lost+found')
    .map((name) => path.join(directory, name))
    .map((place) => ({ place, at: statSync(place).mtimeMs }));
}

/** 0 if there is none. */
function newest(): number {
  return Math.max(0, ...backups().map(({ at }) => at));
}

function prune(): void {
  const last = newest();
  for (const { place, at } of backups()) {
    if (at === last || Date.now() - at <= keepMs) continue;
    rmSync(place, { recursive: true });
    console.log(`removed ${place}, which is older than ${keepMs / (24 * HOUR_MS)} days`);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    // A timer holds at most 24 days; what is due later is looked at again then.
    const timer = setTimeout(end, Math.min(ms, 2 ** 31 - 1));
    signal.addEventListener('abort', end, { once: true });
  });
}
