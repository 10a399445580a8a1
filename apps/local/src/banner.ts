import type { RunFile } from './run-file.ts';

/** The text shown after the start: URLs, a command to paste, and the login. */
export function banner(run: RunFile, dataDir: string): string {
  const rows: (readonly [string, string])[] = [
    ['API', `${run.api}    reference: ${run.api}/docs`],
    ['Dashboard', run.dashboard],
    ['  login', `${run.staff.email}  ${run.staff.password}`],
    ['Simulator', `${run.simulator}    stands in for every provider; shows what it received`],
    ['  inboxes', `${run.simulator}/inbox    what recipients see: packages/inbox in a page`],
    ...(run.traces
      ? [['Traces', `${run.traces}    what happened to each message, step by step`] as const]
      : []),
    ...(run.prometheus ? [['Prometheus', `${run.prometheus}    metrics and alerts`] as const] : []),
    ['API key', `${run.api_key}  (test)`],
    ['Data, logs', dataDir],
  ];
  const table = rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`).join('\n');
  const body =
    '{"to":{"recipient_id":"user_1"},"channel":"email","template":"welcome","data":{"name":"Ada"}}';
  return `
Carillon is running.

${table}

Send a notification:

  curl -sS ${run.api}/v1/notifications -H 'Authorization: Bearer ${run.api_key}' -H 'Content-Type: application/json' -d '${body}'

Ctrl-C stops everything.
`;
}
