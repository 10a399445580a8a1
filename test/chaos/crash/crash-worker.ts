import { readFileSync } from 'node:fs';
import { createLog } from '@carillon/core/program/log';
import { parseAccounts } from '@carillon/providers/accounts/registry';
import { readConfig } from '../../../apps/worker/src/config.ts';
import { startWorker } from '../../../apps/worker/src/worker.ts';
import { pointNamed } from './crash-points.ts';
import { crashingWorker, stoppingWorker } from './crashing.ts';

/**
 * A worker like apps/worker/src/main.ts that dies at the point named by its first argument; `stop before the call`
 * names one that stops itself there instead and resumes when it is continued.
 */
const name = process.argv[2] ?? '';
const config = readConfig();
const parsed = parseAccounts(readFileSync(config.PROVIDERS_FILE ?? '', 'utf8'));
if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
const seams =
  name === 'stop before the call'
    ? stoppingWorker()
    : crashingWorker(pointNamed(name).crash, process.argv[3] ?? '');
await startWorker(config, parsed.accounts, createLog('worker', config.LOG_LEVEL), seams);
