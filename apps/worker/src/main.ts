import { readFileSync } from 'node:fs';
import { ConfigError } from '@carillon/core/config';
import { createLog, errorFields } from '@carillon/core/log';
import { parseAccounts } from '@carillon/providers/registry';
import { readConfig } from './config.ts';
import { startWorker } from './worker.ts';

/** A worker process: `node apps/worker/src/main.ts`. SIGTERM drains; a hung lane makes it exit 1 to be restarted. */
try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  const config = readConfig();
  const log = createLog('worker', config.LOG_LEVEL);
  const parsed = parseAccounts(readFileSync(config.PROVIDERS_FILE, 'utf8'));
  if ('problems' in parsed)
    throw new ConfigError(parsed.problems.map((problem) => `${config.PROVIDERS_FILE}: ${problem}`));

  const worker = await startWorker(config, parsed.accounts, log);
  log.info('worker is up', { priorities: config.WORKER_PRIORITIES, health: worker.healthUrl });

  const stop = async (why: string, code: number): Promise<void> => {
    log.info(`${why}: draining`, { seconds: config.WORKER_DRAIN_SECONDS });
    setTimeout(() => process.exit(code), config.WORKER_DRAIN_SECONDS * 1000).unref();
    await worker.stop().catch((error: unknown) => log.error('draining failed', errorFields(error)));
    process.exit(code);
  };
  process.once('SIGTERM', () => void stop('SIGTERM', 0));
  process.once('SIGINT', () => void stop('SIGINT', 0));
  const lanes = await worker.hung;
  log.error('lanes have stopped moving although Redis answers; exiting to be restarted', { lanes });
  await stop('hung', 1);
}
