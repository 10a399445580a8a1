import { ALERTS } from '../deploy/alert-rules.ts';

/** What an alert means to somebody who reads the table: its summary, with the places of its labels. */
const inWords = (summary: string): string =>
  summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label) => `*${label}*`);

/** One row for each alert: those that wake somebody first, each with the page that says what to do. */
export function alertTable(): string {
  const rows = ALERTS.toSorted((a, b) => rank(a.labels.severity) - rank(b.labels.severity)).map(
    ({ alert, labels, annotations, for: wait }) => {
      const runbook = annotations.runbook_url.replace('docs/', '');
      return `| [${alert}](${runbook}) | ${labels.severity} | ${wait} | ${inWords(annotations.summary)} |`;
    },
  );
  return ['| alert | severity | after | says |', '|---|---|---|---|', ...rows].join('\n');
}

const rank = (severity: string): number => (severity === 'page' ? 0 : 1);
