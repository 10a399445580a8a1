import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.join(import.meta.dirname, '../../..');

/** Arguments of `node` and environment that reduce the start time of each program to a third. */
export const FAST_START = {
  args: ['--import', pathToFileURL(path.join(ROOT, 'db/drizzle-modules.ts')).href],
  /** Node's compile cache, by the content of each file: https://nodejs.org/api/module.html#module-compile-cache */
  env: { NODE_COMPILE_CACHE: path.join(ROOT, 'node_modules/.cache/carillon/compiled') },
} as const;
