import { readFileSync } from 'node:fs';
import { createLog } from '@carillon/core/log';
import { parseAccounts } from '@carillon/providers/registry';
import { readConfig } from '../../../apps/worker/src/config.ts';
import { startWorker } from '../../../apps/worker/src/worker.ts';
import { pointNamed } from './crash-points.ts';
import { crashingWorker } from './crashing.ts';

/** A worker like apps/worker/src/main.ts that dies at the point named by its first argument. */
const { crash } = pointNamed(process.argv[2] ?? '');
const config = readConfig();
const parsed = parseAccounts(readFileSync(config.PROVIDERS_FILE ?? '', 'utf8'));
if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
const seams = crashingWorker(crash, process.argv[3] ?? '');
await startWorker(config, parsed.accounts, createLog('worker', config.LOG_LEVEL), seams);
