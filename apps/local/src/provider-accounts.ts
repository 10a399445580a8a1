import path from 'node:path';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { writeJson } from './atomic-file.ts';
import type { PortPlan } from './port-plan.ts';
import { localUrl } from './programs.ts';

const CA_FILE = path.join(import.meta.dirname, '../../../packages/providers/fixtures/tls/ca.pem');

/** Writes the workers' PROVIDERS_FILE: accounts of every provider, all connected to the simulator. */
export function writeProviders(file: string, ports: PortPlan): void {
  writeJson(
    file,
    simulatorAccounts({
      httpUrl: localUrl(ports.simulator),
      tlsHost: '127.0.0.1',
      tlsPort: ports.simulatorTls,
      caFile: CA_FILE,
      smtpUrl: `smtp://127.0.0.1:${ports.simulatorSmtp}`,
      apiUrl: localUrl(ports.api),
    }),
  );
}
