import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startChild } from '../cell/child.ts';
import type { GroundServers } from '../cell/ground.ts';
import type { Finding } from '../judge/rules.ts';
import { copyTree } from './copy-tree.ts';
import type { Mutant } from './mutants.ts';

/** The result of the suite for a mutant, or for the product itself in the same scenario. */
export interface MutantOutcome {
  /** The mutant; null for the product as it is, which must pass, or a mutant's failure would mean nothing. */
  mutant: Mutant | null;
  scenario: string;
  findings: readonly Finding[];
  /** A mutant is detected for the right reason; the product has no findings. */
  isRight: boolean;
  /** Of the scenario's process, when it is not. */
  log: string;
}

const ROOT = path.join(import.meta.dirname, '../../..');

/** Plays each mutant's scenario in a changed copy of the tree, and each scenario once with an unchanged copy. */
export async function runMutants(
  servers: GroundServers,
  mutants: readonly Mutant[],
  atOnce: number,
  say: (outcome: MutantOutcome) => void = () => {},
): Promise<MutantOutcome[]> {
  const scenarios = [...new Set(mutants.map(({ scenario }) => scenario))];
  const plays: Pick<MutantOutcome, 'mutant' | 'scenario'>[] = [
    ...scenarios.map((scenario) => ({ mutant: null, scenario })),
    ...mutants.map((mutant) => ({ mutant, scenario: mutant.scenario })),
  ];
  const outcomes: MutantOutcome[] = new Array(plays.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let k = next++; k < plays.length; k = next++) {
      outcomes[k] = await play(servers, plays[k]!).catch((error: Error) => unplayed(plays[k]!, error));
      say(outcomes[k]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, plays.length) }, lane));
  return outcomes;
}

function unplayed(which: Pick<MutantOutcome, 'mutant' | 'scenario'>, error: Error): MutantOutcome {
  const findings: Finding[] = [{ rule: 'unproven', id: which.scenario, why: error.message }];
  return { ...which, findings, isRight: false, log: error.message };
}

async function play(
  { adminDatabaseUrl, templateDatabase, redisUrl }: GroundServers,
  { mutant, scenario }: Pick<MutantOutcome, 'mutant' | 'scenario'>,
): Promise<MutantOutcome> {
  const tree = mkdtempSync(path.join(tmpdir(), 'carillon-mutant-'));
  try {
    copyTree(ROOT, tree);
    if (mutant) mutate(tree, mutant);
    const out = path.join(tree, 'findings.json');
    const log = path.join(tree, 'scenario.log');
    writeFileSync(log, '');
    const servers = JSON.stringify({ adminDatabaseUrl, templateDatabase, redisUrl });
    const { ended } = startChild(['test/chaos/scenarios/main.ts', scenario, servers, out], {}, log, tree);
    const { code } = await ended;
    const findings: Finding[] =
      code === 0
        ? (JSON.parse(readFileSync(out, 'utf8')) as Finding[])
        : [{ rule: 'unproven', id: scenario, why: `its process ended with ${code}` }];
    const isRight = mutant
      ? findings.some(({ rule }) => mutant.expects.includes(rule))
      : findings.length === 0;
    return {
      mutant,
      scenario,
      findings,
      isRight,
      log: isRight ? '' : readFileSync(log, 'utf8').slice(-2_000),
    };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** @throws when a text is not found exactly once: a mutant that changes nothing would prove nothing */
export function mutate(tree: string, { name, changes }: Mutant): void {
  for (const { file, find, replace } of changes) {
    const where = path.join(tree, file);
    const text = readFileSync(where, 'utf8');
    const count = text.split(find).length - 1;
    if (count !== 1)
      throw new Error(
        `the mutant "${name}" expects this text once in ${file}, but it is there ${count} times; bring mutants.ts up to date:\n${find}`,
      );
    writeFileSync(
      where,
      text.replace(find, () => replace),
    );
  }
}
