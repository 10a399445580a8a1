import { readFileSync } from 'node:fs';
import { ConfigError } from '@carillon/core/config';
import { createLog, errorFields } from '@carillon/core/log';
import { type AccountSettings, parseAccounts } from '@carillon/providers/account-settings';
import { readConfig } from './config.ts';
import { startWorker } from './worker.ts';

/**
 * A worker process: `node apps/worker/src/main.ts`. SIGTERM drains; a second one ends it on the spot. It exits with
 * 0 after a clean end, CUT_OFF if the time was up while calls were out, and 1 if it could not start or a lane hung.
 */
const CUT_OFF = 3;

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  const config = readConfig();
  const log = createLog('worker', config.LOG_LEVEL);
  const drainMs = config.WORKER_DRAIN_SECONDS * 1000;
  if (config.SEND_TIMEOUT_MS >= drainMs) {
    log.warn('WORKER_DRAIN_SECONDS is not longer than SEND_TIMEOUT_MS: a restart may cut slow calls off', {
      drainMs,
      sendTimeoutMs: config.SEND_TIMEOUT_MS,
    });
  }

  const worker = await startWorker(config, readAccounts(config.PROVIDERS_FILE), log);
  log.info('worker is up', { priorities: config.WORKER_PRIORITIES, health: worker.healthUrl });

  const stop = async (why: string, code: number): Promise<void> => {
    log.info(`${why}: draining`, { seconds: config.WORKER_DRAIN_SECONDS });
    const cutOff = await worker.stop().catch((error: unknown) => {
      log.error('draining failed', errorFields(error));
      return 1;
    });
    if (cutOff === 0) log.info('stopped');
    else log.error('time is up: calls were cut off and will be in doubt when their leases end', { cutOff });
    process.exit(cutOff === 0 ? code : code || CUT_OFF);
  };
  process.once('SIGTERM', () => void stop('SIGTERM', 0));
  process.once('SIGINT', () => void stop('SIGINT', 0));
  const lanes = await worker.hung;
  log.error('lanes have stopped moving although Redis answers; exiting to be restarted', { lanes });
  await stop('hung', 1);
}

/** @throws ConfigError naming every problem of the file. */
function readAccounts(file: string | undefined): AccountSettings[] | null {
  if (file === undefined) return null;
  const parsed = parseAccounts(readFileSync(file, 'utf8'));
  if ('problems' in parsed) throw new ConfigError(parsed.problems.map((problem) => `${file}: ${problem}`));
  return parsed.accounts;
}
