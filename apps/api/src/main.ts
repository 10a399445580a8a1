import { endOnUncaught } from '@carillon/core/program/end-on-uncaught';
import { type StartContexts, startFailure } from '@carillon/core/program/explain-failure';
import { createLog } from '@carillon/core/program/log';
import { isTransient } from '@carillon/db/connection/sql-state';
import { reportErrors } from '@carillon/telemetry/errors';
import { startTracing } from '@carillon/telemetry/tracing';
import { readConfig } from './config.ts';
import { serveApi } from './serve-api.ts';

/** The API process: config from the environment, a port, and an orderly end on SIGTERM or SIGINT. */
let contexts: StartContexts = {};
try {
  const config = readConfig();
  contexts = { listener: { setting: 'API_PORT', at: `${config.API_HOST}:${config.API_PORT}` } };
  const errors = await reportErrors('api', config, isTransient);
  const log = createLog('api', config.LOG_LEVEL, {
    onError: errors.onError,
    errorTexts: config.LOG_ERROR_TEXT,
  });
  endOnUncaught(log);
  const tracing = await startTracing({ service: 'carillon-api', settings: config, log });
  const serving = serveApi(config, log);
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    serving
      .then((api) => api.stop())
      .then(() => tracing.stop())
      .then(
        () => 0,
        (error: unknown) => {
          log.error('stopping failed', { error });
          return 1;
        },
      )
      .then(async (code) => {
        log.flush();
        await errors.flush();
        process.exit(code);
      });
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  await serving;
} catch (error) {
  process.stderr.write(`${startFailure('The API', error, contexts)}\n`);
  process.exit(1);
}
