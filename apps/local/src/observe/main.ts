import { surviveOutputErrors } from '@carillon/core/program/standard-output';
import { serveTraces } from './trace-server.ts';

/** The trace viewer as a process of `npm start -- --observe`. TRACES_PORT is its port. */
surviveOutputErrors();
const server = await serveTraces(Number(process.env.TRACES_PORT));
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
