import { banner } from './banner.ts';
import { type Layout, prepareLayout, rotateLogs } from './layout.ts';
import { endLeftovers } from './leftovers.ts';
import { sendLoad } from './load.ts';
import { releaseLock, takeLock } from './lock.ts';
import { readOptions, type StartOptions, USAGE } from './options.ts';
import { type RunFile, readRunFile, removeRunFile } from './run-file.ts';
import { loadSecrets } from './secrets.ts';
import { System } from './system.ts';

/**
 * `npm start`: the whole system on this machine, in one terminal, with nothing installed but this checkout. This file
 * is the order of things; system.ts brings the programs up, keeps them alive and stops them.
 */
const NEEDED_NODE = 24;

function warn(line: string): void {
  console.error(`${new Date().toTimeString().slice(0, 8)} ${line}`);
}

async function main(): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < NEEDED_NODE) {
    warn(
      `Carillon needs Node ${NEEDED_NODE}, this is ${process.versions.node}: run "npm install" first, it brings one`,
    );
    return 1;
  }
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  let options: StartOptions;
  try {
    options = readOptions(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const layout = prepareLayout(options.dataDir);
  const holder = takeLock(layout.lock);
  if (holder) {
    const run = readRunFile(layout.run);
    const where = run ? `at ${run.api} (dashboard ${run.dashboard})` : 'and still starting';
    console.error(
      `Carillon is already running ${where}, pid ${holder.pid}, with the data in ${layout.dir}.\nStop that one with Ctrl-C or "kill ${holder.pid}", or start another with --data OTHER-DIRECTORY.`,
    );
    return 1;
  }
  try {
    return await runUntilSignal(options, layout);
  } finally {
    releaseLock(layout.lock);
  }
}

async function runUntilSignal(options: StartOptions, layout: Layout): Promise<number> {
  removeRunFile(layout.run);
  const left = await endLeftovers(layout.pids);
  if (left.length > 0) warn(`ended what an earlier start left running: ${left.join(', ')}`);
  rotateLogs(layout.logs);
  const tell = options.quiet ? () => {} : (line: string) => console.log(line);
  const system = new System(options, layout, loadSecrets(layout.secrets), warn);
  const signalled = waitForSignal();

  tell('Starting PostgreSQL, Redis, simulator, API, workers and dashboard ...');
  const starting = system.start();
  const failure = starting.then(
    () => null,
    (error: Error) => error,
  );
  const early = await Promise.race([failure, signalled.then(() => 'signal' as const)]);
  if (early === null) {
    const run = await starting;
    tell(banner(run, layout.dir));
    if (options.load > 0) await Promise.race([showLoad(run, options, tell), signalled]);
    await signalled;
  } else if (early !== 'signal') {
    warn(`could not start: ${early.message}`);
  }
  tell('Stopping ...');
  const stopped = system.stop();
  // A start that was interrupted settles soon after its first stopped member; its error is of no interest then.
  await Promise.all([stopped, failure]);
  await system.stop();
  return early instanceof Error ? 1 : 0;
}

/** Resolves at the first Ctrl-C, SIGTERM or hang-up. A second one no longer waits: children end with their parent. */
function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    let seen = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (seen) process.exit(130);
        seen = true;
        resolve();
      });
    }
    // The terminal is gone: there is nobody left to tell, but the children must still be stopped in order.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => resolve());
  });
}

async function showLoad(run: RunFile, options: StartOptions, tell: (line: string) => void): Promise<void> {
  try {
    tell(await sendLoad(run, options.load, options.quiet ? null : process.stdout));
  } catch (error) {
    warn(`the demo load stopped: ${(error as Error).message}`);
  }
}

process.exit(await main());
