import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Simulator as RunningSimulator, startSimulator } from '@carillon/simulator/start';
import { startServers } from '../../support/servers.ts';
import { writeAccounts } from '../system/accounts.ts';
import { type Simulator, simulatorAt } from '../system/simulator.ts';

/**
 * What many small systems share: PostgreSQL (each has a database of its own), Redis (each has a namespace) and one
 * simulator (ids tell whose a message is).
 */
export interface Ground {
  adminDatabaseUrl: string;
  templateDatabase: string;
  redisUrl: string;
  simulator: Simulator;
  /** PROVIDERS_FILE of their workers. */
  providersFile: string;
  /** Logs of their processes. */
  dir: string;
  stop(): Promise<void>;
}

export type GroundServers = Pick<Ground, 'adminDatabaseUrl' | 'templateDatabase' | 'redisUrl'>;

/** @param servers of a test run; without them the ground starts its own */
export async function prepareGround(servers?: GroundServers): Promise<Ground> {
  const own = servers ? null : await startServers();
  const dir = mkdtempSync(path.join(tmpdir(), 'carillon-cells-'));
  let simulator: RunningSimulator;
  try {
    simulator = await startSimulator({ dataDirectory: path.join(dir, 'simulator') });
  } catch (error) {
    await own?.stop();
    throw error;
  }
  const providersFile = path.join(dir, 'providers.json');
  const { httpUrl, tlsPort, smtpUrl } = simulator;
  const ports = { http: Number(new URL(httpUrl).port), tls: tlsPort, smtp: Number(new URL(smtpUrl).port) };
  // Status callbacks have no receiver: receipts are tested elsewhere, and doubts must settle without them here.
  writeAccounts(providersFile, ports, httpUrl);
  return {
    ...(servers ?? own!),
    simulator: simulatorAt(httpUrl),
    providersFile,
    dir,
    stop: async () => {
      await simulator.close();
      await own?.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
