import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Carillon } from '../carillon.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** The file that `npm start` in a checkout writes when everything answers: the parts that a client needs. */
interface RunFile {
  api: string;
  api_key: string;
}

export interface ClientOptions {
  /** The data directory of `npm start`; default: `.carillon` here or in a parent directory. */
  data?: string | undefined;
  /** Instead of CARILLON_URL. */
  url?: string | undefined;
  retries?: number;
}

/** The only place here that reads the environment of the process. */
export const environment = (): Terminal['env'] => process.env;

/**
 * A client for the Carillon that the environment names, or for the one that runs in this checkout. The two are never
 * mixed: a key must not go to a URL that it was not given for. The key in run.json belongs to the URL in the same file.
 *
 * @throws UsageError that says what to set.
 */
export function openClient({ env, cwd }: Pick<Terminal, 'env' | 'cwd'>, options: ClientOptions): Carillon {
  const apiKey = env.CARILLON_API_KEY || undefined;
  const baseUrl = options.url ?? (env.CARILLON_URL || undefined);
  if (apiKey !== undefined && baseUrl !== undefined) return open(apiKey, baseUrl, options);
  if (apiKey !== undefined) {
    throw new UsageError(
      'CARILLON_API_KEY is set, CARILLON_URL is not. Set it too: https://carillon.example.com',
    );
  }
  const file = runFile(cwd, options.data);
  if (baseUrl !== undefined) {
    const run = file === null ? null : readRunFile(file);
    if (run && sameOrigin(run.api, baseUrl)) return open(run.api_key, baseUrl, options);
    throw new UsageError(
      `There is an address (${baseUrl}), but no API key. Set CARILLON_API_KEY to "cln_...".`,
    );
  }
  if (file === null) {
    throw new UsageError(
      'Set CARILLON_URL and CARILLON_API_KEY. In a checkout, "npm start" does it for you while it runs: no .carillon/run.json was found here or further up.',
    );
  }
  const { api, api_key } = readRunFile(file);
  return open(api_key, api, options);
}

function open(apiKey: string, baseUrl: string, { retries }: ClientOptions): Carillon {
  try {
    return new Carillon({ apiKey, baseUrl, ...(retries === undefined ? {} : { retries }) });
  } catch (error) {
    const words = (error as Error).message
      .replace(/^apiKey/, 'CARILLON_API_KEY')
      .replace(/^baseUrl/, 'CARILLON_URL');
    throw new UsageError(words);
  }
}

function runFile(cwd: string, data: string | undefined): string | null {
  if (data !== undefined) {
    const file = path.resolve(cwd, data, 'run.json');
    if (existsSync(file)) return file;
    throw new UsageError(`There is no ${file}; is "npm start -- --data ${data}" running?`);
  }
  for (let place = cwd; ; place = path.dirname(place)) {
    const file = path.join(place, '.carillon', 'run.json');
    if (existsSync(file)) return file;
    if (path.dirname(place) === place) return null;
  }
}

/** The key in the file is for the system that "npm start" runs here; a file from elsewhere gets none. */
const LOOPBACK = /^(127(\.\d+){3}|\[::1\]|localhost)$/;

function sameOrigin(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)];
  return a !== null && b !== null && a.origin === b.origin;
}

function readRunFile(file: string): RunFile {
  let run: Partial<RunFile> = {};
  try {
    run = JSON.parse(readFileSync(file, 'utf8')) as Partial<RunFile>;
  } catch {
    // Incomplete or another kind of file: reported below.
  }
  if (typeof run.api === 'string' && typeof run.api_key === 'string') {
    if (LOOPBACK.test(URL.parse(run.api)?.hostname ?? '')) return run as RunFile;
    throw new UsageError(
      `${file} leads to ${run.api}, which is not on this machine: its key is not sent there. Set CARILLON_URL and CARILLON_API_KEY.`,
    );
  }
  throw new UsageError(`${file} does not say where the API is. Start again with "npm start".`);
}
