import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../packages/client/src/cli/run-cli.ts';
import { writers } from '../../packages/client/src/cli/terminal.ts';
import { testDatabase } from './database.ts';
import { type ServedApi, servedApi } from './served-api.ts';

/** The command line on the real API, in the hands of a test. */
export interface CliUnderTest {
  api: ServedApi;
  /** Of the test environment. */
  apiKey: string;
  /** The current directory of every command. */
  dir: string;
  start(line: string[], stdin?: string | null, env?: Record<string, string>): Started;
  /** Waits until it has ended. */
  run(...given: Parameters<CliUnderTest['start']>): Promise<Ended>;
  /** Sends something and returns its id. */
  sent(...more: string[]): Promise<string>;
  close(): Promise<void>;
}

export interface Started {
  code: Promise<number>;
  /** Lines so far. */
  out: string[];
  err: string[];
  ctrlC(): void;
}

export interface Ended {
  code: number;
  out: string[];
  err: string[];
}

/** Options of a send that is accepted. */
export const HELLO = [
  ...['--email', 'ok@example.test', '--channel', 'email'],
  ...['--subject', 'Hello', '--text', 'It works'],
];

export async function cliUnderTest(): Promise<CliUnderTest> {
  const database = await testDatabase();
  const api = await servedApi(database.url);
  const apiKey = await api.key({ environment: 'test' });
  const dir = mkdtempSync(path.join(tmpdir(), 'carillon-cli-'));

  // No stdin: a person sits there.
  const start: CliUnderTest['start'] = (line, stdin = null, env = {}) => {
    const interrupted = new AbortController();
    const out: string[] = [];
    const err: string[] = [];
    const linesInto = (into: string[]) => (text: string) => into.push(...text.replace(/\n$/, '').split('\n'));
    const code = runCli(line, {
      ...writers({ out: linesInto(out), err: linesInto(err) }),
      stdin: (async function* () {
        yield new TextEncoder().encode(stdin ?? '');
      })(),
      isInteractive: stdin === null,
      signal: interrupted.signal,
      env: { CARILLON_URL: api.url, CARILLON_API_KEY: apiKey, ...env },
      cwd: dir,
    });
    return { code, out, err, ctrlC: () => interrupted.abort() };
  };
  const run: CliUnderTest['run'] = async (...given) => {
    const { code, out, err } = start(...given);
    return { code: await code, out, err };
  };

  return {
    api,
    apiKey,
    dir,
    start,
    run,
    sent: async (...more) => {
      const { out } = await run(['send', ...HELLO, ...more, '--json']);
      return (JSON.parse(out[0]!) as { id: string }).id;
    },
    close: async () => {
      await api.close();
      await database.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
