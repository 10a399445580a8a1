import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunFile, readRunFile } from '@carillon/local/run-file';
import { until } from './until.ts';

const START = path.join(import.meta.dirname, '../../apps/local/src/start.ts');

/** One line of the simulator's ledger: a request that a provider accepted. */
export interface LedgerLine {
  seq: number;
  at: string;
  provider: string;
  channel: string;
  to: string;
  notification_id: string | null;
  attempt_id: string | null;
}

/** The whole of `npm start` in a directory of its own, as its users run it, and the calls that tests make to it. */
export interface RunningSystem {
  /** Read each time: a restarted child has another pid. */
  run(): RunFile;
  supervisor: ChildProcess;
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Posts a notification and insists on the 202. */
  send(body: Record<string, unknown>): Promise<string>;
  /** Waits until the notification is in one of these states; reports the timeline if it never is. */
  becomes(id: string, states: readonly string[], timeoutMs?: number): Promise<Record<string, unknown>>;
  ledger(): Promise<LedgerLine[]>;
  behave(behaviour: Record<string, unknown> | null): Promise<void>;
  stop(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely, and a wrong shape fails the assertion.
  body: any;
}

/**
 * @param more environment of `npm start`.
 * @param options more of its command line.
 */
export async function runningSystem(
  more: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<RunningSystem> {
  const dir = mkdtempSync(path.join(tmpdir(), 'carillon-e2e-'));
  const { DATABASE_URL: _, REDIS_URL: __, ...env } = process.env;
  const supervisor = spawn(process.execPath, [START, '--data', dir, '--quiet', ...options], {
    env: { ...env, LOG_LEVEL: 'warn', ...more },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const file = path.join(dir, 'run.json');
  let last: RunFile = await until(
    'the system to come up',
    () => {
      if (supervisor.exitCode !== null) throw new Error(`npm start ended with ${supervisor.exitCode}`);
      return readRunFile(file);
    },
    { timeoutMs: 90_000 },
  );

  const run = (): RunFile => {
    last = readRunFile(file) ?? last;
    return last;
  };

  const api: RunningSystem['api'] = async (method, where, body, headers = {}) => {
    const response = await fetch(`${run().api}${where}`, {
      method,
      headers: { authorization: `Bearer ${run().api_key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
  };

  return {
    run,
    supervisor,
    api,
    async send(body) {
      const answer = await api('POST', '/v1/notifications', body);
      if (answer.status !== 202)
        throw new Error(`not accepted: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body.id;
    },
    async becomes(id, states, timeoutMs = 30_000) {
      let seen: Answer['body'];
      try {
        return await until(
          `${id} to become ${states.join(' or ')}`,
          async () => {
            seen = (await api('GET', `/v1/notifications/${id}`)).body;
            // A receipt may already have said more than the provider's answer.
            const asked = states.includes('sent') ? [...states, 'delivered'] : states;
            return asked.includes(seen.status) ? seen : null;
          },
          { timeoutMs, everyMs: 50 },
        );
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${JSON.stringify(seen, null, 2)}`);
      }
    },
    async ledger() {
      const text = await (await fetch(`${run().simulator}/ledger?after=0`)).text();
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as LedgerLine);
    },
    async behave(behaviour) {
      await fetch(
        `${run().simulator}/behaviour`,
        behaviour === null
          ? { method: 'DELETE' }
          : {
              method: 'PUT',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(behaviour),
            },
      );
    },
    async stop() {
      const ended = new Promise((resolve) => supervisor.once('exit', resolve));
      supervisor.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
