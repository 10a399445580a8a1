import { startFailure } from '@carillon/core/program/explain-failure';
import { surviveOutputErrors } from '@carillon/core/program/standard-output';
import { simulatorConfig } from './config.ts';
import { SIMULATED } from './simulated.ts';
import { startSimulator } from './start.ts';

/** The provider simulator as a process: starts, prints its addresses, drains on SIGTERM or SIGINT and exits 0. */
async function main(): Promise<void> {
  surviveOutputErrors();
  const simulator = await startSimulator(simulatorConfig());
  console.log(
    `simulator: ${simulator.httpUrl} (page, ledger, ${simulatedOn('http')}), tls ${simulator.tlsPort} (${simulatedOn('tls')}), ${simulator.smtpUrl}`,
  );
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    await simulator.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

const simulatedOn = (listener: string): string =>
  SIMULATED.filter((provider) => provider.listener === listener)
    .map(({ id }) => id.replace('-', ' '))
    .join(', ');

main().catch((error: Error) => {
  const known = startFailure('The simulator', error, { listener: { setting: 'SIMULATOR_PORT' } });
  console.error(`simulator: ${known}`);
  process.exit(1);
});
