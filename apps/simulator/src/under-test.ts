import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerLine } from './ledger.ts';
import { type Simulator, startSimulator } from './start.ts';

/** A simulator on free ports with its own ledger, and the queries that tests make. */
export interface SimulatorUnderTest extends Simulator {
  dataDirectory: string;
  ledger(query?: string): Promise<LedgerLine[]>;
  behave(behaviour: Record<string, unknown>): Promise<Response>;
  /** A message by the generic protocol. */
  post(message: Record<string, unknown>, headers?: Record<string, string>): Promise<Response>;
  /** Closes it and removes its ledger. */
  end(): Promise<void>;
}

export async function simulatorUnderTest(): Promise<SimulatorUnderTest> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'simulator-'));
  const simulator = await startSimulator({ dataDirectory });
  return {
    ...simulator,
    dataDirectory,
    ledger: (query = '') => readLedger(simulator.httpUrl, query),
    behave: (behaviour) =>
      fetch(`${simulator.httpUrl}/behaviour`, { method: 'PUT', body: JSON.stringify(behaviour) }),
    post: (message, headers) => postGeneric(simulator.httpUrl, message, headers),
    end: async () => {
      await simulator.close();
      rmSync(dataDirectory, { recursive: true });
    },
  };
}

export async function readLedger(httpUrl: string, query = ''): Promise<LedgerLine[]> {
  const answer = await fetch(`${httpUrl}/ledger${query}`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine);
}

export function postGeneric(
  httpUrl: string,
  message: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${httpUrl}/generic/email`, {
    method: 'POST',
    headers: { 'x-carillon-signature': 't=1,v1=00', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ channel: 'email', to: 'ada@example.com', subject: 'Hello', ...message }),
  });
}
