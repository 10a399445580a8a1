import { COLUMNS } from './columns.ts';
import { CRASH_POINTS } from './crash-points.ts';
import type { CrashOutcome } from './run-crash-points.ts';

/** One line per death while they run. */
export function renderOutcome({
  point,
  column,
  findings,
  ending,
  recoveredInMs,
  logs,
}: CrashOutcome): string {
  const recovered = recoveredInMs === null ? '' : `, ${(recoveredInMs / 1000).toFixed(1)} s after the death`;
  const head = `  ${findings.length === 0 ? 'kept  ' : 'BROKEN'}  ${point.name} | ${column.name}: ${ending}${recovered}`;
  const why = findings.map(({ rule, why }) => `\n          ${rule}: ${why}`).join('');
  return logs === '' ? head : `${head}${why}\n${logs.replaceAll(/^/gm, '          | ')}`;
}

/** The matrix: points down, classes across. */
export function renderOutcomes(outcomes: readonly CrashOutcome[]): string {
  const mark = (point: string, column: string): string => {
    const outcome = outcomes.find((one) => one.point.name === point && one.column.name === column);
    if (!outcome) return '-';
    return outcome.findings.length === 0 ? 'kept' : outcome.findings.map(({ rule }) => rule).join('+');
  };
  const names = CRASH_POINTS.map(({ name }) => name);
  const width = Math.max(...names.map((name) => name.length));
  const head = `  ${''.padEnd(width)}  ${COLUMNS.map(({ name }) => name.padEnd(24)).join('')}`;
  const lines = names.map(
    (name) =>
      `  ${name.padEnd(width)}  ${COLUMNS.map((column) => mark(name, column.name).padEnd(24)).join('')}`,
  );
  return [head, ...lines].join('\n');
}
