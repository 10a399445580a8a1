import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import type { Contender } from './contender.ts';
import { startControl } from './control-system.ts';
import { Figures } from './figures.ts';
import { prepareGround } from './ground.ts';
import { type BenchOptions, type Part, readOptions, USAGE } from './options.ts';
import { accepts } from './scenarios/accepts.ts';
import { adapters } from './scenarios/adapters.ts';
import { audienceCount } from './scenarios/audience-count.ts';
import { campaignStatements } from './scenarios/campaign-statements.ts';
import { campaigns } from './scenarios/campaigns.ts';
import { criticalBehindBacklog, criticalDuringDrain } from './scenarios/critical.ts';
import { endToEnd } from './scenarios/end-to-end.ts';
import { fairness } from './scenarios/fairness.ts';
import { imports } from './scenarios/import.ts';
import { inboxStreams } from './scenarios/inbox-streams.ts';
import { lists } from './scenarios/lists.ts';
import { besidePoisoned } from './scenarios/poisoned.ts';
import { pooler } from './scenarios/pooler.ts';
import { redisCluster } from './scenarios/redis-cluster.ts';
import { controlMemory, redisMemory } from './scenarios/redis-memory.ts';
import { BULK_MAIL, NORMAL_MAIL, type Run } from './scenarios/run.ts';
import { scheduled } from './scenarios/scheduled.ts';
import { traces } from './scenarios/traces.ts';
import { startCarillon } from './system.ts';
import { report, systemCpu } from './table.ts';

/**
 * `npm run bench`: starts its own servers, Carillon as `npm start` runs it, and the control; measures both in turn, so
 * that other load of the machine affects both; prints medians side by side. docs/benchmarks.md explains.
 */
async function main(): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const profile = options.profile && path.resolve(options.profile);
  if (profile) mkdirSync(profile, { recursive: true });
  const figures = new Figures();
  let failed = false;
  say(machine());
  const ground = await prepareGround(options);
  const signalled = interrupted();
  try {
    await Promise.race([measure({ ground, figures, say }, { ...options, profile }), signalled]);
  } catch (error) {
    // The figures measured until then are still useful.
    console.error(`stopped: ${(error as Error).stack}`);
    failed = true;
  }
  await ground.stop();
  console.log(`\n${machine()}\n${report(figures)}`);
  if (options.json) writeFileSync(options.json, JSON.stringify({ machine: machine(), figures }, null, 1));
  return failed || figures.faulty.length > 0 ? 1 : 0;
}

async function measure(run: Run, options: BenchOptions): Promise<void> {
  const { counts, only } = options;
  const deadline = Date.now() + options.maxMinutes * 60_000;
  const carillon = await startCarillon(run.ground, options.profile);
  const [server] = await carillon.sql<[{ version: string }]>`select version()`;
  run.say(server.version);
  const control = options.control ? await startControl(run.ground) : null;
  const both: Contender[] = control ? [carillon, control] : [carillon];

  const steps: [boolean, () => Promise<void>][] = [];
  const step = (part: Part, act: () => Promise<void>) => steps.push([only.has(part), act]);
  steps.push([[...only].some((part) => !COLD.has(part)), () => warmUp(run, both, options)]);
  for (let round = 0; round < options.rounds; round++) {
    // Taking turns at going first.
    const order = round % 2 === 0 ? both : both.toReversed();
    step('accepts', () => acceptRound(run, order, options));
    // It has restarted all workers.
    steps.push([only.has('accepts') && only.has('end-to-end'), () => warmUp(run, order, options)]);
    for (const contender of order) step('end-to-end', () => endToEndRound(run, contender, options));
    step('critical', () =>
      criticalDuringDrain(run, carillon, { backlog: counts.backlog, seconds: options.criticalSeconds }),
    );
    step('poisoned', () => besidePoisoned(run, carillon, { seconds: options.poisonedSeconds, round }));
    step('traces', () => traces(run, carillon, counts));
    step('pooler', () => pooler(run, carillon, counts));
    step('cluster', () => redisCluster(run, carillon, counts));
    if (control && round === 0) {
      step('critical', () =>
        criticalBehindBacklog(run, control, {
          backlog: counts.backlog,
          seconds: Math.min(CONTROL_SECONDS, options.criticalSeconds),
        }),
      );
    }
  }
  step('memory', () => redisMemory(run, carillon, { bulk: counts.memoryBulk, single: counts.memorySingle }));
  if (control) step('memory', () => controlMemory(run, control, carillon.redis, counts.memorySingle));
  step('adapters', () => adapters(run, carillon, counts.adapter));
  step('scheduled', () => scheduled(run, carillon, counts.scheduled));
  step('lists', () => lists(run, counts.lists));
  step('audience-count', () => audienceCount(run, counts.recipients));
  step('campaign-statements', () =>
    campaignStatements(run, carillon, { people: counts.campaignPeople, groups: counts.campaignGroups }),
  );
  step('campaigns', () =>
    campaigns(run, carillon, {
      people: counts.campaignPeople,
      drain: counts.campaignDrain,
      batch: 500,
      criticalSeconds: options.criticalSeconds,
    }),
  );
  step('import', () => imports(run, carillon, { rows: counts.importRows, seconds: options.criticalSeconds }));
  step('fairness', () => fairness(run, carillon, { backlog: counts.fairnessBacklog }));
  step('inbox-streams', () =>
    inboxStreams(run, carillon, {
      accepts: counts.streamAccepts,
      deliveries: counts.streamDeliveries,
      seconds: options.criticalSeconds,
    }),
  );

  for (const [wanted, act] of steps) {
    if (!wanted) continue;
    if (Date.now() > deadline) return say(`${options.maxMinutes} minutes are over: the rest is not measured`);
    await act();
  }
}

/** Parts that send nothing, or begin with processes of their own. */
const COLD: ReadonlySet<Part> = new Set(['lists', 'audience-count', 'campaign-statements', 'import']);

/** The control's critical messages wait behind the whole backlog: more seconds would only show larger numbers. */
const CONTROL_SECONDS = 10;

/** Engines compile what runs often: the first messages of a process would be the slowest of all. */
async function warmUp(run: Run, both: readonly Contender[], options: BenchOptions): Promise<void> {
  const aside: Run = { ...run, figures: run.figures.aside(), say: (line) => run.say(`warm-up, ${line}`) };
  for (const contender of both) await endToEndRound(aside, contender, options);
}

async function acceptRound(run: Run, order: readonly Contender[], { counts }: BenchOptions): Promise<void> {
  // All workers stop: the idle ones of one contender would still poll while the other runs.
  await Promise.all(order.map((contender) => contender.stopWorkers()));
  for (const contender of order) {
    const ours = contender.name === 'carillon';
    await accepts(run, contender, { batch: 1, count: ours ? counts.acceptSingle : counts.controlSingle });
    await accepts(run, contender, { batch: 500, count: ours ? counts.acceptBatch : counts.controlBatch });
  }
  await Promise.all(order.map((contender) => contender.startWorkers()));
}

async function endToEndRound(run: Run, contender: Contender, { counts }: BenchOptions): Promise<void> {
  const ours = contender.name === 'carillon';
  await endToEnd(run, contender, {
    name: 'end to end single',
    message: NORMAL_MAIL,
    batch: 1,
    connections: 50,
    count: ours ? counts.single : counts.controlSingle,
  });
  const { cpuUs } = await endToEnd(run, contender, {
    name: 'end to end batch',
    message: BULK_MAIL,
    batch: 500,
    connections: 4,
    count: ours ? counts.batch : counts.controlBatch,
  });
  if (cpuUs) run.figures.add('cpu total', contender.name, systemCpu(cpuUs));
}

function say(line: string): void {
  console.log(`${new Date().toTimeString().slice(0, 8)} ${line}`);
}

function machine(): string {
  const [first] = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  const load = loadavg()[0]!.toFixed(1);
  return `${cpus().length} x ${first?.model.trim() ?? 'processor'}, ${gib} GiB, Node ${process.versions.node}, load average ${load}`;
}

/** Rejects at Ctrl-C or SIGTERM, so that everything is stopped in order; a second one ends at once. */
function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    let seen = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (seen) process.exit(130);
        seen = true;
        reject(new Error(signal));
      });
    }
  });
}

process.exit(await main());
