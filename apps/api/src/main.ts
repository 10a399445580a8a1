import { ConfigError } from '@carillon/core/config';
import { createLog, errorFields } from '@carillon/core/log';
import { readConfig } from './config.ts';
import { serveApi } from './serve-api.ts';

/** The API process: config from the environment, a port, and an orderly end on SIGTERM or SIGINT. */
try {
  const config = readConfig();
  const log = createLog('api', config.LOG_LEVEL);
  const serving = serveApi(config, log);
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    serving
      .then((api) => api.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('stopping failed', errorFields(error));
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  await serving;
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : errorText(error)}\n`);
  process.exit(1);
}

function errorText(error: unknown): string {
  return `The API could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
