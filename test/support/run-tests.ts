import { spawn } from 'node:child_process';
import path from 'node:path';
import { FAST_START } from '@carillon/local/fast-start';

/**
 * `npm test`: every project of vitest.config.ts, once. Arguments are passed on to vitest: a path to run only some
 * files, `--project unit` to run only that project.
 */
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `The tests need Node 24 or newer, this is ${process.versions.node}. Run "npm install" (it brings Node 24 along), then "npm test".`,
  );
  process.exit(1);
}

const vitest = path.join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
// The reporter is named because vitest would otherwise choose one by its environment.
const child = spawn(process.execPath, [vitest, 'run', '--reporter=default', ...process.argv.slice(2)], {
  stdio: 'inherit',
  // For the workers of vitest and for the programs that tests start.
  env: {
    ...process.env,
    ...FAST_START.env,
    NODE_OPTIONS: [process.env.NODE_OPTIONS, ...FAST_START.args].join(' '),
  },
});
// Ctrl-C reaches vitest through the terminal; it must end first, because it ends the servers.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => process.exit(code ?? 1));
