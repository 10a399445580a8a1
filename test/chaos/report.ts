import { GUARANTEE_CLASSES } from '@carillon/core/provider/guarantee';
import type { FaultRecord } from './judge/evidence.ts';
import type { Spread } from './judge/figures.ts';
import type { Verdict } from './judge/judge.ts';
import { RULES, type Rule } from './judge/rules.ts';

/** The parameters of a run, so that it can be repeated. */
export interface RunInfo {
  seed: number;
  commit: string;
  notifications: number;
  faults: number;
  minutes: number;
  settledInMs: number;
  settleTimeoutMs: number;
}

/** Rules whose number alone says it. */
const OTHER_RULES = (Object.keys(RULES) as Rule[]).filter(
  (rule) => !['lost', 'duplicated', 'in_doubt', 'unproven', 'slow_recovery', 'forged'].includes(rule),
);

/** The verdict for people: a compact table, the first findings of each rule, and how to run it again. */
export function renderReport(info: RunInfo, verdict: Verdict, faults: readonly FaultRecord[]): string {
  const { settled, states, figures } = verdict;
  const count = (rule: Rule) => verdict.findings.filter((finding) => finding.rule === rule).length;
  const duplicated = byClass(
    Object.fromEntries(
      GUARANTEE_CLASSES.map((guarantee) => [
        guarantee,
        verdict.findings.filter((one) => one.rule === 'duplicated' && one.guarantee === guarantee).length,
      ]),
    ),
  );
  const rows: [string, string][] = [
    ['run', `seed ${info.seed}, commit ${info.commit}, ${faults.length} faults in ${info.minutes} min`],
    ['asked / accepted / unanswered', `${verdict.asked} / ${verdict.accepted} / ${verdict.unanswered}`],
    [
      'at providers',
      `${verdict.copies} (C replaced ${verdict.replaced}; twice by policy or person: ${byClass(verdict.chosenCopies)})`,
    ],
    [
      'states',
      Object.entries(states)
        .map(([state, n]) => `${state} ${n}`)
        .join('  '),
    ],
    ['lost', String(count('lost'))],
    ['duplicated by class', duplicated],
    ['in doubt: unsettled / left to people', `${count('in_doubt')} / ${verdict.leftToPeople}`],
    [
      'settled by',
      Object.entries(settled)
        .map(([by, n]) => `${by} ${n}`)
        .join('  '),
    ],
    ...OTHER_RULES.map((rule): [string, string] => [rule.replaceAll('_', ' '), String(count(rule))]),
    [
      'settled after the last fault',
      `${(info.settledInMs / 1000).toFixed(1)} s (allowed ${info.settleTimeoutMs / 1000} s)`,
    ],
    ...Object.entries(figures.acceptToProvider).map(([priority, spread]): [string, string] => [
      `accept to provider, ${priority}`,
      show(spread),
    ]),
    ['forged receipts', `${verdict.forged.refused} refused, ${verdict.forged.taken} taken`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return [
    ...table,
    '',
    ...faultTable(verdict, faults),
    '',
    ...findingsOf(verdict),
    conclusion(info, verdict),
  ].join('\n');
}

function faultTable({ figures }: Verdict, faults: readonly FaultRecord[]): string[] {
  const lines = Object.entries(figures.faultToDelivery).map(([kind, spread]) => {
    const n = faults.filter((fault) => fault.kind === kind).length;
    return `  ${`${n} x ${kind}`.padEnd(36)}  next delivery after ${show(spread)}`;
  });
  return lines;
}

const SHOWN_PER_RULE = 5;

function findingsOf({ findings }: Verdict): string[] {
  return (Object.keys(RULES) as Rule[]).flatMap((rule) => {
    const some = findings.filter((finding) => finding.rule === rule);
    if (some.length === 0) return [];
    const shown = some.slice(0, SHOWN_PER_RULE).map(({ id, why }) => `    ${id}: ${why}`);
    const more = some.length > SHOWN_PER_RULE ? [`    and ${some.length - SHOWN_PER_RULE} more`] : [];
    return [`  ${rule.toUpperCase()} (${some.length}): ${RULES[rule]}`, ...shown, ...more];
  });
}

function conclusion(info: RunInfo, { findings }: Verdict): string {
  if (findings.length === 0) return '  Every promise was kept.';
  const options = `--seed ${info.seed} --notifications ${info.notifications} --faults ${info.faults} --minutes ${info.minutes}`;
  return `\n  FAILED with ${findings.length} findings at commit ${info.commit}. Again: npm run chaos -- ${options}`;
}

function show({ count, p50, p99, max }: Spread): string {
  if (count === 0) return 'none';
  return `p50 ${seconds(p50)}, p99 ${seconds(p99)}, max ${seconds(max)} (${count})`;
}

const byClass = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([guarantee, n]) => `${guarantee} ${n}`)
    .join('  ');

const seconds = (ms: number): string => (ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
