import { writeFileSync } from 'node:fs';
import { startServers } from '../support/servers.ts';
import { prepareGround } from './cell/ground.ts';
import { runCluster } from './cluster/run-cluster.ts';
import { commitOf } from './commit-of.ts';
import { CAMPAIGN_POINTS } from './crash/campaign-points.ts';
import { COLUMNS } from './crash/columns.ts';
import { CRASH_POINTS, type CrashPoint, existsIn } from './crash/crash-points.ts';
import { IMPORT_POINTS } from './crash/import-points.ts';
import { INBOX_POINTS } from './crash/inbox-points.ts';
import { renderOutcome, renderOutcomes } from './crash/render.ts';
import { runCampaignPoints } from './crash/run-campaign-points.ts';
import { type CrashOutcome, runCrashPoints } from './crash/run-crash-points.ts';
import { runImportPoints } from './crash/run-import-points.ts';
import { runInboxPoints } from './crash/run-inbox-points.ts';
import { type PointOutcome, renderPoint } from './crash/run-points.ts';
import { DRILLS, runDrills } from './drills/run-drills.ts';
import type { Finding } from './judge/rules.ts';
import { witnessesOf } from './judge/witnesses.ts';
import { type ChaosResult, runChaos } from './long-run.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { renderMutant } from './mutants/render.ts';
import { type MutantOutcome, runMutants } from './mutants/run-mutants.ts';
import { type NeighboursResult, runNeighbours } from './neighbours/run-neighbours.ts';
import { runNodes } from './nodes/run-nodes.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { type RunInfo, renderReport } from './report.ts';
import { campaignScenarios } from './scenarios/campaigns/campaign-scenarios.ts';
import { importScenarios } from './scenarios/imports/import-scenarios.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { playScenario } from './scenarios/scenarios.ts';

/** Most of a cell's time is waiting; more at once would make boots slow enough to look like slow recoveries. */
const CELLS_AT_ONCE = 6;
const MUTANTS_AT_ONCE = 4;
const INBOXES_AT_ONCE = 3;
const CAMPAIGNS_AT_ONCE = 2;
const IMPORTS_AT_ONCE = 2;
/** How many times as many messages as mutants are looked for with. */
const SCALE = 5;
/** The lease is the product's default: promises about time are about it. */
const SETTINGS = { leaseSeconds: 30, resolveWithinSeconds: 45 };

/**
 * `npm run chaos`: the run, the crash points, the campaigns, the imports, the mutants, the drills, the neighbours of
 * PostgreSQL, the Redis Cluster, the many nodes; exit code 1 when a guarantee was broken in any.
 */
async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const failed: string[] = [];
  const results: Record<string, unknown> = {};
  if (options.only.has('run')) {
    const { info, verdict, evidence, dir } = await longRun(options);
    console.log(`\n${renderReport(info, verdict, evidence.faults)}`);
    if (verdict.findings.length > 0) failed.push(`run (data and logs kept in ${dir})`);
    results.run = {
      ...info,
      verdict,
      faults: evidence.faults,
      witnesses: witnessesOf(evidence, verdict.findings),
    };
  }
  if (options.only.has('crash-points')) {
    const outcomes = await crashPoints(options);
    console.log(`\n${renderOutcomes(outcomes)}`);
    const broken = outcomes.filter(({ findings }) => findings.length > 0);
    if (broken.length > 0) failed.push(`${broken.length} of ${outcomes.length} crash points`);
    const inboxes = await ownPoints('inboxes', INBOX_POINTS, INBOXES_AT_ONCE, runInboxPoints, options);
    const campaigns = await ownPoints(
      'campaigns',
      CAMPAIGN_POINTS,
      CAMPAIGNS_AT_ONCE,
      runCampaignPoints,
      options,
    );
    const imports = await ownPoints('imports', IMPORT_POINTS, IMPORTS_AT_ONCE, runImportPoints, options);
    for (const [of, all] of [
      ['inboxes', inboxes],
      ['campaigns', campaigns],
      ['imports', imports],
    ] as const) {
      const count = all.filter(({ findings }) => findings.length > 0).length;
      if (count > 0) failed.push(`${count} of ${all.length} crash points of ${of}`);
    }
    results.inboxPoints = inboxes.map(({ point, ...rest }) => ({ point: point.name, ...rest }));
    results.campaignPoints = campaigns.map(({ point, ...rest }) => ({ point: point.name, ...rest }));
    results.importPoints = imports.map(({ point, ...rest }) => ({ point: point.name, ...rest }));
    results.crashPoints = outcomes.map(({ point, column, ...rest }) => ({
      point: point.name,
      column: column.name,
      ...rest,
    }));
  }
  for (const [of, scenarios] of [
    ['campaigns', campaignScenarios],
    ['imports', importScenarios],
  ] as const) {
    if (!options.only.has(of)) continue;
    const outcomes = await playAll(of, scenarios(SCALE), options.match);
    const broken = outcomes.filter(({ findings }) => findings.length > 0);
    if (broken.length > 0) failed.push(`${broken.length} of ${outcomes.length} scenarios of ${of}`);
    results[of] = outcomes;
  }
  if (options.only.has('mutants')) {
    const outcomes = await mutants(options);
    const unnoticed = outcomes.filter(({ isRight }) => !isRight);
    if (unnoticed.length > 0)
      failed.push(`${unnoticed.length} of ${outcomes.length} mutants and their controls`);
    results.mutants = outcomes.map(({ mutant, ...rest }) => ({ mutant: mutant?.name ?? null, ...rest }));
  }
  if (options.only.has('drills')) {
    const chosen = DRILLS.filter(({ name }) => name.includes(options.match));
    const outcomes = await runDrills(chosen, SETTINGS, console.log);
    const broken = outcomes.filter(({ broken }) => broken.length > 0);
    if (broken.length > 0) failed.push(`${broken.length} of ${outcomes.length} drills`);
    results.drills = outcomes;
  }
  if (options.only.has('neighbours')) {
    const outcomes = await neighbours();
    const broken = outcomes.filter(({ findings }) => findings.length > 0);
    if (broken.length > 0) failed.push(`${broken.length} of ${outcomes.length} runs beside neighbours`);
    results.neighbours = outcomes;
  }
  if (options.only.has('cluster')) {
    const outcome = await cluster();
    if (outcome.findings.length > 0) failed.push('the run on a Redis Cluster');
    results.cluster = outcome;
  }
  if (options.only.has('nodes')) {
    const outcome = await nodes();
    if (outcome.findings.length > 0) failed.push('the run with many nodes');
    results.nodes = outcome;
  }
  if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 2));
  if (failed.length > 0) console.error(`\nfailed: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

async function longRun(options: Options): Promise<ChaosResult & { info: RunInfo }> {
  const { seed, notifications, faults, minutes, settleSeconds } = options;
  const settleTimeoutMs = settleSeconds * 1000;
  console.log(`chaos: seed ${seed}, ${notifications} notifications, ${faults} faults, ${minutes} minutes`);
  const result = await runChaos(
    { seed, notifications, faults, minutes, settings: SETTINGS, settleTimeoutMs },
    console.log,
  );
  const info = {
    seed,
    commit: commitOf(),
    notifications,
    faults,
    minutes,
    settledInMs: result.settledInMs,
    settleTimeoutMs,
  };
  return { ...result, info };
}

async function crashPoints({ match, atOnce }: Options): Promise<CrashOutcome[]> {
  const cells = CRASH_POINTS.flatMap((point) =>
    COLUMNS.filter((column) => existsIn(point, column)).map((column) => ({ point, column })),
  );
  const chosen = cells.filter(({ point, column }) => `${point.name} ${column.name}`.includes(match));
  console.log(`crash points: ${chosen.length} deaths`);
  const ground = await prepareGround();
  try {
    return await runCrashPoints(
      ground,
      chosen,
      { atOnce: atOnce ?? CELLS_AT_ONCE, leaseSeconds: SETTINGS.leaseSeconds },
      (outcome) => console.log(renderOutcome(outcome)),
    );
  } finally {
    await ground.stop();
  }
}

/** The points of a path with messages of its own. */
async function ownPoints(
  of: string,
  points: readonly CrashPoint[],
  most: number,
  run: typeof runInboxPoints,
  { match, atOnce }: Options,
): Promise<PointOutcome[]> {
  const chosen = points.filter(({ name }) => name.includes(match));
  console.log(`crash points of ${of}: ${chosen.length} deaths`);
  const ground = await prepareGround();
  try {
    const settings = { atOnce: atOnce ?? most, leaseSeconds: SETTINGS.leaseSeconds };
    return await run(ground, chosen, settings, (outcome) => console.log(renderPoint(outcome)));
  } finally {
    await ground.stop();
  }
}

/** Scenarios with many messages or rows, each on servers of its own. */
async function playAll(
  of: string,
  scenarios: readonly Scenario[],
  match: string,
): Promise<ScenarioOutcome[]> {
  const chosen = scenarios.filter(({ name }) => name.includes(match));
  console.log(`${of}: ${chosen.length} scenarios`);
  const outcomes: ScenarioOutcome[] = [];
  for (const scenario of chosen) {
    const ground = await prepareGround();
    try {
      const findings = await playScenario(ground, scenario);
      outcomes.push({ scenario: scenario.name, findings });
      console.log(`  ${findings.length === 0 ? 'kept  ' : 'BROKEN'}  ${scenario.name}`);
      for (const { rule, id, why } of findings.slice(0, 8)) console.log(`          ${rule}: ${id}: ${why}`);
    } finally {
      await ground.stop();
    }
  }
  return outcomes;
}

interface ScenarioOutcome {
  scenario: string;
  findings: readonly Finding[];
}

/** Masters that die, fall silent and lose their data. */
async function cluster(): Promise<NeighboursResult> {
  const servers = await startServers();
  try {
    return tell(await runCluster(servers, { silentMs: 1_200, settleMs: 180_000 }));
  } finally {
    await servers.stop();
  }
}

/** Three APIs, four workers and two dashboards, which are replaced one by one. */
async function nodes(): Promise<NeighboursResult> {
  const servers = await startServers();
  try {
    return tell(await runNodes(servers, { burst: 3_000, settleMs: 180_000 }));
  } finally {
    await servers.stop();
  }
}

function tell(outcome: NeighboursResult): NeighboursResult {
  console.log(`\n  ${outcome.story.join('\n  ')}`);
  for (const { rule, id, why } of outcome.findings) console.log(`  BROKEN: ${rule} ${id}: ${why}`);
  return outcome;
}

/** A minute of each, with one node's clock an hour fast, and with it an hour slow. */
async function neighbours(): Promise<NeighboursResult[]> {
  const servers = await startServers();
  try {
    const outcomes: NeighboursResult[] = [];
    for (const clockOffMs of [3_600_000, -3_600_000]) {
      const outcome = await runNeighbours({
        redisUrl: servers.redisUrl,
        lastsMs: 60_000,
        clockOffMs,
        settleMs: 180_000,
      });
      outcomes.push(tell(outcome));
    }
    return outcomes;
  } finally {
    await servers.stop();
  }
}

async function mutants({ match, atOnce }: Options): Promise<MutantOutcome[]> {
  const chosen = MUTANTS.filter(({ name, scenario }) => `${name} ${scenario}`.includes(match));
  console.log(`mutants: ${chosen.length}, and their scenarios with the product as it is`);
  const servers = await startServers();
  try {
    return await runMutants(servers, chosen, atOnce ?? MUTANTS_AT_ONCE, (outcome) =>
      console.log(renderMutant(outcome)),
    );
  } finally {
    await servers.stop();
  }
}

process.exit(await main());
