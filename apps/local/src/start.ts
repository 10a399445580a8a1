import { environment } from '@carillon/core/program/config';
import { explainFailure } from '@carillon/core/program/explain-failure';
import { surviveOutputErrors } from '@carillon/core/program/standard-output';
import { banner } from './banner.ts';
import { sendDemoCampaign } from './demo-campaign.ts';
import { type Layout, prepareLayout, rotateLogs } from './layout.ts';
import { sendLoad } from './load.ts';
import { releaseLock, takeLock } from './lock.ts';
import { readOptions, type StartOptions, USAGE } from './options.ts';
import { endOrphanedProcesses } from './orphaned-processes.ts';
import { type RunFile, readRunFile, removeRunFile } from './run-file.ts';
import { loadSecrets } from './secrets.ts';
import { System } from './system.ts';

/**
 * `npm start`: the whole system on this machine, in one terminal, with nothing installed but this checkout. This file
 * defines the sequence; system.ts starts the programs, restarts them and stops them.
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
    options = readOptions(process.argv.slice(2), environment());
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const layout = prepareLayout(options.dataDir);
  const holder = takeLock(layout.lock);
  if (holder) {
    const run = readRunFile(layout.run);
    if (run && options.load + options.campaign > 0) return loadInto(run, options);
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

/** `npm run demo` while a system is running: its notifications go to that one, which keeps running. */
async function loadInto(run: RunFile, options: StartOptions): Promise<number> {
  const tell = options.quiet ? () => {} : (line: string) => console.log(line);
  const what = [
    ...(options.load > 0 ? [`${options.load} notifications`] : []),
    ...(options.campaign > 0 ? [`a campaign to ${options.campaign} people`] : []),
  ].join(' and ');
  tell(`Sending ${what} into the Carillon that runs at ${run.api} ...`);
  return (await showLoad(run, options, tell)) ? 0 : 1;
}

async function runUntilSignal(options: StartOptions, layout: Layout): Promise<number> {
  removeRunFile(layout.run);
  const left = await endOrphanedProcesses(layout.pids);
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
    if (options.load + options.campaign > 0) await Promise.race([showLoad(run, options, tell), signalled]);
    await signalled;
  } else if (early !== 'signal') {
    const at = options.databaseUrl ?? undefined;
    const known = explainFailure(early, {
      what: 'PostgreSQL',
      setting: 'DATABASE_URL',
      ...(at === undefined ? {} : { at }),
    });
    const ownServers = at === undefined ? '' : ' Without DATABASE_URL, npm start brings its own PostgreSQL.';
    warn(`could not start: ${known ? `${known.sentence}${ownServers}` : early.message}`);
  }
  tell('Stopping ...');
  const stopped = system.stop();
  // An interrupted start settles soon after its first stopped child; its error is ignored then.
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
    surviveOutputErrors();
    // The terminal or the reader of the output is gone: the children must still be stopped in order. A full disk under
    // the output file is no reason to stop.
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', ({ code }: NodeJS.ErrnoException) => {
        if (code === 'EPIPE' || (code === 'EIO' && stream.isTTY)) resolve();
      });
    }
  });
}

/** @returns whether it succeeded; if not, the reason was printed. */
async function showLoad(run: RunFile, options: StartOptions, tell: (line: string) => void): Promise<boolean> {
  try {
    if (options.campaign > 0) tell(await sendDemoCampaign(run, options.campaign));
    if (options.load > 0) tell(await sendLoad(run, options.load, options.quiet ? null : process.stdout));
    return true;
  } catch (error) {
    warn(`the demo load stopped: ${(error as Error).message}`);
    return false;
  }
}

process.exit(await main());
