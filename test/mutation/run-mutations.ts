import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copyTree } from '../chaos/mutants/copy-tree.ts';
import { relatedTests } from './related-tests.ts';
import type { Order, Verdict } from './runner.ts';
import type { Mutant } from './sample.ts';

export type Outcome =
  | { mutant: Mutant; result: 'caught'; by: string }
  | { mutant: Mutant; result: 'not run'; by: string }
  | { mutant: Mutant; result: 'survived' | 'equivalent' };

const ROOT = path.join(import.meta.dirname, '../..');
/** Where unit tests of packages/core, or of what uses it, lie. */
const TEST_FOLDERS = ['packages', 'apps', 'db'];
const MUTANT_LIMIT_MS = 120_000;

/**
 * Runs the related unit tests with each mutant in place, several mutants side by side.
 *
 * @param untilMs by `performance.now()`: mutants that are not begun by then are left out.
 * @param say called with every outcome as it becomes known.
 * @returns an outcome for each mutant that was begun. It is `not run` if a test fails without any mutant, so that its
 *   failures mean nothing, and if the runner ends.
 * @throws Error if a runner does not start.
 */
export async function runMutations(
  mutants: readonly Mutant[],
  { jobs, untilMs, say }: { jobs: number; untilMs: number; say: (outcome: Outcome) => void },
): Promise<Outcome[]> {
  // Runners start at any time: each must see the checkout as it is now, whatever is edited meanwhile.
  const origin = realpathSync(mkdtempSync(path.join(tmpdir(), 'carillon-mutation-')));
  try {
    copyTree(ROOT, origin);
    return await runIn(origin, mutants, { jobs, untilMs, say });
  } finally {
    rmSync(origin, { recursive: true, force: true });
  }
}

async function runIn(
  origin: string,
  mutants: readonly Mutant[],
  { jobs, untilMs, say }: Parameters<typeof runMutations>[1],
): Promise<Outcome[]> {
  const related = relatedTests(origin, TEST_FOLDERS);
  const outcomes: Outcome[] = [];
  const waiting = mutants.filter((mutant) => mutant.equivalent === null);
  const tell = (outcome: Outcome): void => {
    outcomes.push(outcome);
    say(outcome);
  };
  for (const mutant of mutants) if (mutant.equivalent !== null) tell({ mutant, result: 'equivalent' });
  const queue = [...waiting];
  const work = async (): Promise<void> => {
    let runner = await startRunner(origin);
    for (let mutant = queue.shift(); mutant && performance.now() < untilMs; mutant = queue.shift()) {
      const { verdict, isAlive } = await runner.judge({
        file: mutant.file,
        mutation: mutant,
        tests: related(mutant.file),
      });
      tell(outcomeOf(mutant, verdict));
      if (!isAlive) runner = await startRunner(origin);
    }
    runner.end();
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return outcomes;
}

function outcomeOf(mutant: Mutant, verdict: Verdict): Outcome {
  if ('notRun' in verdict) return { mutant, result: 'not run', by: verdict.notRun };
  return verdict.failed === null
    ? { mutant, result: 'survived' }
    : { mutant, result: 'caught', by: verdict.failed };
}

interface Runner {
  /** A runner that gives no answer within the limit is ended. One that is not alive takes no more orders. */
  judge(order: Order): Promise<{ verdict: Verdict; isAlive: boolean }>;
  end(): void;
}

/** @throws Error if it ends before it is ready. */
async function startRunner(origin: string): Promise<Runner> {
  const child = fork(path.join(origin, 'test/mutation/runner.ts'), { cwd: origin });
  const first = await answerOf(child);
  if (first.kind !== 'message') throw new Error('a runner does not start');
  return {
    judge: async (order) => {
      if (!child.connected) return { verdict: { notRun: 'the runner had ended' }, isAlive: false };
      child.send(order);
      const answer = await answerOf(child, MUTANT_LIMIT_MS);
      if (answer.kind === 'message') return { verdict: answer.message as Verdict, isAlive: true };
      if (answer.kind === 'exit')
        return { verdict: { notRun: `the runner ended with ${answer.code}` }, isAlive: false };
      child.disconnect();
      return { verdict: { failed: 'the tests do not end' }, isAlive: false };
    },
    end: () => {
      if (child.connected) child.disconnect();
    },
  };
}

type Answer =
  | { kind: 'message'; message: unknown }
  | { kind: 'exit'; code: number | null }
  | { kind: 'late' };

function answerOf(child: ChildProcess, limitMs?: number): Promise<Answer> {
  return new Promise((resolve) => {
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      child.off('exit', onExit);
      child.off('message', onMessage);
      resolve(answer);
    };
    const onExit = (code: number | null): void => settle({ kind: 'exit', code });
    const onMessage = (message: unknown): void => settle({ kind: 'message', message });
    const timer = limitMs === undefined ? undefined : setTimeout(() => settle({ kind: 'late' }), limitMs);
    child.once('exit', onExit);
    child.once('message', onMessage);
  });
}
