import { readFileSync } from 'node:fs';
import { ConfigError } from '@carillon/core/program/config';
import { endOnUncaught } from '@carillon/core/program/end-on-uncaught';
import { explainFailure, type StartContexts, startFailure } from '@carillon/core/program/explain-failure';
import { createLog, type Log } from '@carillon/core/program/log';
import { isTransient } from '@carillon/db/connection/sql-state';
import type { AccountSettings } from '@carillon/providers/accounts/account-settings';
import { type ErrorReports, reportErrors } from '@carillon/telemetry/errors';
import { startTracing } from '@carillon/telemetry/tracing';
import { readConfig, type WorkerConfig } from './config.ts';
import { healthOptions, startHealth } from './health.ts';
import type { Worker } from './worker.ts';

/**
 * A worker process: `node apps/worker/src/main.ts`. SIGTERM drains; a second one ends it immediately. It exits with 0
 * after a clean end, CUT_OFF if the time was up while calls were in flight, and 1 if it could not start or a lane hung.
 */
const CUT_OFF = 3;

let contexts: StartContexts = {};
try {
  const config = readConfig();
  const { WORKER_HOST: host, WORKER_PORT: port, DATABASE_URL: at } = config;
  contexts = {
    listener: { setting: 'WORKER_PORT', at: `${host}:${port}` },
    server: { what: 'PostgreSQL', setting: 'DATABASE_URL', at },
  };
  const errors = await reportErrors('worker', config, isTransient);
  const log = createLog('worker', config.LOG_LEVEL, {
    onError: errors.onError,
    errorTexts: config.LOG_ERROR_TEXT,
  });
  endOnUncaught(log);
  await run(config, log, errors);
} catch (error) {
  process.stderr.write(`${startFailure('The worker', error, contexts)}\n`);
  process.exit(1);
}

async function run(config: WorkerConfig, log: Log, errors: ErrorReports): Promise<void> {
  const drainMs = config.WORKER_DRAIN_SECONDS * 1000;
  if (config.SEND_TIMEOUT_MS >= drainMs) {
    log.warn('WORKER_DRAIN_SECONDS is not longer than SEND_TIMEOUT_MS: a restart may cut slow calls off', {
      drain_ms: drainMs,
      send_timeout_ms: config.SEND_TIMEOUT_MS,
    });
  }
  const tracing = await startTracing({ service: 'carillon-worker', settings: config, log });
  let worker: Worker | null = null;
  const stop = async (why: string, code: number): Promise<void> => {
    // Nothing is claimed before the worker is up.
    if (!worker) return process.exit(code);
    log.info('draining', { signal: why, seconds: config.WORKER_DRAIN_SECONDS });
    const cutOff = await worker.stop().catch((error: unknown) => {
      log.error('draining failed', { error });
      return 1;
    });
    await tracing.stop();
    if (cutOff === 0) log.info('stopped');
    else
      log.error('time is up: calls were cut off and will be in doubt when their leases end', {
        calls_cut_off: cutOff,
      });
    log.flush();
    await errors.flush();
    process.exit(cutOff === 0 ? code : code || CUT_OFF);
  };
  process.once('SIGTERM', () => void stop('SIGTERM', 0));
  process.once('SIGINT', () => void stop('SIGINT', 0));

  // The rest is loaded once the health server of this process answers: on a busy machine that takes seconds.
  const health = await startHealth(healthOptions(config));
  log.info('health is served', { url: health.url });
  const accounts = await readAccounts(config.PROVIDERS_FILE);
  const { startWorker } = await import('./worker.ts');
  worker = await startWorker(config, accounts, log, undefined, health);
  log.info('worker is up', { roles: config.WORKER_ROLES, url: worker.healthUrl });
  const lanes = await worker.hung;
  log.error('lanes have stopped moving although Redis answers; exiting to be restarted', { lanes });
  await stop('hung', 1);
}

/** @throws ConfigError listing every problem of the file. */
async function readAccounts(file: string | undefined): Promise<AccountSettings[] | null> {
  if (file === undefined) return null;
  const { parseAccounts } = await import('@carillon/providers/accounts/account-settings');
  const parsed = parseAccounts(textOf(file));
  if ('problems' in parsed) throw new ConfigError(parsed.problems.map((problem) => `${file}: ${problem}`));
  return parsed.accounts;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const known = explainFailure(error, { what: 'The worker', setting: 'PROVIDERS_FILE' });
    throw known ? new ConfigError([known.sentence]) : error;
  }
}
