import { alertTable } from './alert-table.ts';
import { logErrorTable, logFieldTable, logLineTable } from './log-table.ts';
import { metricTable } from './metric-table.ts';
import { providerTable } from './provider-table.ts';
import { stateChart, stateTable } from './state-chart.ts';

/** The parts of pages generated from code: each is between two comments that name it. */
export interface Generated {
  file: string;
  name: string;
  render(): string;
}

export const GENERATED: readonly Generated[] = [
  { file: 'docs/concepts.md', name: 'state chart', render: stateChart },
  { file: 'docs/concepts.md', name: 'states', render: stateTable },
  { file: 'docs/logs.md', name: 'log fields', render: logFieldTable },
  { file: 'docs/logs.md', name: 'log error fields', render: logErrorTable },
  { file: 'docs/logs.md', name: 'log line fields', render: logLineTable },
  { file: 'docs/metrics.md', name: 'metrics', render: metricTable },
  { file: 'docs/providers.md', name: 'providers', render: providerTable },
  { file: 'docs/monitoring.md', name: 'alerts', render: alertTable },
];

const begin = (name: string): string => `<!-- ${name}: written by test/docs/write-generated.ts -->`;
const end = (name: string): string => `<!-- end of ${name} -->`;

/** The part with its comments, as in the page. */
export function section({ name, render }: Generated): string {
  return `${begin(name)}\n\n${render()}\n\n${end(name)}`;
}

/**
 * The page with the part as it should be.
 *
 * @throws if the page has no place for it.
 */
export function withSection(page: string, part: Generated): string {
  const from = page.indexOf(begin(part.name));
  const to = page.indexOf(end(part.name));
  if (from < 0 || to < from) throw new Error(`${part.file} has no ${begin(part.name)} ... ${end(part.name)}`);
  return page.slice(0, from) + section(part) + page.slice(to + end(part.name).length);
}
