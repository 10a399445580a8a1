import { hostname, userInfo } from 'node:os';
import { ConfigError, environment } from '@carillon/core/program/config';
import { EXIT } from './command.ts';
import type { Environment } from './config.ts';
import { runAdmin } from './run-admin.ts';

/** The process around `runAdmin`: bin/carillon-admin.mjs imports this, and `node apps/admin/src/main.ts` is the same. */
function actor(): string {
  return `carillon-admin (${user()}@${hostname()})`;
}

/** In a container a user may have an id and no name. */
function user(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Includes `.env`, as for the other programs. */
function environmentOrNull(): Environment | null {
  try {
    return environment();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`carillon-admin: ${error.message}\n`);
    return null;
  }
}

const env = environmentOrNull();
if (env === null) process.exitCode = EXIT.usage;
else
  process.exitCode = await runAdmin(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    stdin: process.stdin,
    isInteractive: process.stdin.isTTY === true,
    env,
    actor: actor(),
  });
