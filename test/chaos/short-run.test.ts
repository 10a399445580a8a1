import { expect, test } from 'vitest';
import { commitOf } from './commit-of.ts';
import { runChaos } from './long-run.ts';
import { FAULT_GROUPS } from './nemesis/kinds.ts';
import { renderReport } from './report.ts';

/** One seed, so that what fails here fails again; `npm run chaos` takes another each time. */
const SEED = 7;
const OPTIONS = { seed: SEED, notifications: 300, faults: 6, minutes: 0.4, settleTimeoutMs: 120_000 };
const SETTINGS = { leaseSeconds: 8, resolveWithinSeconds: 12 };
/** Long ones are for long runs. */
const QUICK = FAULT_GROUPS.map((kinds) => kinds.filter(({ lastsMs: [least] }) => least < 10_000));

test('nothing is lost, nothing duplicated, no doubt left open, through a short run of faults', async () => {
  const story: string[] = [];
  const { verdict, evidence, settledInMs } = await runChaos(
    { ...OPTIONS, settings: SETTINGS, groups: QUICK },
    (line) => story.push(line),
  );
  const info = { ...OPTIONS, commit: commitOf(), settledInMs };
  const report = `${story.join('\n')}\n\n${renderReport(info, verdict, evidence.faults)}`;
  expect(verdict.findings, report).toEqual([]);
  expect(evidence.faults, report).toHaveLength(OPTIONS.faults);
  expect(verdict.accepted + verdict.unanswered, report).toBeGreaterThan(OPTIONS.notifications * 0.9);
});
