import { createLog } from '@carillon/core/program/log';
import { readConfig } from '../../../apps/api/src/config.ts';
import { serveApi } from '../../../apps/api/src/serve-api.ts';
import { pointNamed } from './crash-points.ts';
import { crashingApi } from './crashing.ts';

/** An API like apps/api/src/main.ts that dies at the point named by its first argument. */
const { crash } = pointNamed(process.argv[2] ?? '');
const config = readConfig();
await serveApi(config, createLog('api', config.LOG_LEVEL), crashingApi(crash));
