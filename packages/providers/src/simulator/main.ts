import { simulatorConfig } from './config.ts';
import { startSimulator } from './start.ts';

/** The provider simulator as a process: starts, says where it listens, drains on SIGTERM or SIGINT and exits 0. */
async function main(): Promise<void> {
  const simulator = await startSimulator(simulatorConfig());
  console.log(
    `simulator: ${simulator.httpUrl} (page, ledger, resend, sendgrid, ses, twilio, termii, generic), tls ${simulator.tlsPort} (fcm, apns, web push), ${simulator.smtpUrl}`,
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

main().catch((error: Error) => {
  console.error(`simulator: ${error.message}`);
  process.exit(1);
});
