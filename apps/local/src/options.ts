import path from 'node:path';
import { parseArgs } from 'node:util';
import { HIGHEST_PORT } from './ports.ts';

/**
 * The options from the command line of `npm start` and the environment. The only place here that reads the environment.
 */
export interface StartOptions {
  dataDir: string;
  /** The first of thirteen ports; null: the default ones, and free ones where those are taken. */
  portBase: number | null;
  /** Demo notifications to send once everything runs. */
  load: number;
  /** People of a demo campaign that is sent once everything runs. */
  campaign: number;
  quiet: boolean;
  /** Also a viewer of traces, and Prometheus. */
  observe: boolean;
  /** Existing servers; null: start private ones. */
  databaseUrl: string | null;
  redisUrl: string | null;
  logLevel: string;
  /** LOG_ERROR_TEXT of every program. */
  errorTexts: string;
  /** WORKER_LEASE_SECONDS of every worker; null: its default. Tests that kill workers have short ones. */
  leaseSeconds: string | null;
  /** Tests keep the `.env` of a developer from the programs (core/config.ts). */
  nodeEnv: string;
  /** The settings of traces (OTEL_...), which the programs get as they are. */
  traces: Readonly<Record<string, string>>;
}

const ROOT = path.join(import.meta.dirname, '../../..');
const PORTS_PER_BASE = 13;

export const USAGE = `npm start -- [--port-base N] [--data DIR] [--load N] [--campaign N] [--observe] [--quiet]
  --port-base N  use the ports N to N+${PORTS_PER_BASE - 1} instead of the usual or free ones
  --data DIR     keep everything in DIR instead of .carillon/
  --load N       send N demo notifications once everything runs, or into the system that runs with this data
  --campaign N   send a campaign to N demo people, likewise
  --observe      also show traces, and run Prometheus where it can be had
  --quiet        print only what goes wrong
DATABASE_URL and REDIS_URL, of the environment or of .env, name servers to use instead of starting our own.`;

/** @throws with a sentence for the user when the command line is invalid */
export function readOptions(args: string[], env: Readonly<Record<string, string | undefined>>): StartOptions {
  const { values } = parseArgs({
    args,
    options: {
      'port-base': { type: 'string' },
      data: { type: 'string' },
      load: { type: 'string' },
      campaign: { type: 'string' },
      observe: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
    },
  });
  return {
    dataDir: dataDir(values.data),
    portBase: wholeNumber('--port-base', values['port-base'], 1024, HIGHEST_PORT - PORTS_PER_BASE + 1),
    load: wholeNumber('--load', values.load, 1, 1_000_000) ?? 0,
    campaign: wholeNumber('--campaign', values.campaign, 1, 1_000_000) ?? 0,
    quiet: values.quiet,
    observe: values.observe,
    databaseUrl: env.DATABASE_URL || null,
    redisUrl: env.REDIS_URL || null,
    logLevel: env.LOG_LEVEL || 'info',
    errorTexts: env.LOG_ERROR_TEXT || 'scrubbed',
    leaseSeconds: env.WORKER_LEASE_SECONDS || null,
    nodeEnv: env.NODE_ENV === 'test' ? 'test' : 'development',
    traces: tracesOf(env),
  };
}

function tracesOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (name.startsWith('OTEL_') && value !== undefined) found[name] = value;
  return found;
}

/** A given directory is relative to the user's current directory, the default one to the checkout. */
export function dataDir(given: string | undefined): string {
  return given ? path.resolve(given) : path.join(ROOT, '.carillon');
}

function wholeNumber(name: string, text: string | undefined, least: number, most: number): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`${name} is "${text}"; it must be a whole number from ${least} to ${most}`);
}
