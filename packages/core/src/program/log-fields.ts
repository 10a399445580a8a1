/**
 * Every field that a log line may have: the only source. A field that is not here does not compile at the call, and
 * is not written at run time. docs/logs.md shows these tables.
 */
interface FieldRow {
  /** `id`, `text` and `texts` (a list) are scrubbed when they are written (scrub.ts); `error` becomes ERROR_FIELDS. */
  type: 'id' | 'text' | 'texts' | 'number' | 'flag' | 'error';
  means: string;
  /** Lines that differ in it are of different kinds when repeated lines are counted. */
  separates?: true;
}

/** What a call may give. Never an address, a name, a content or a credential of anybody: ids and counts. */
export const LOG_FIELDS = {
  notification_id: { type: 'id', means: 'the notification; `GET /v1/notifications/{id}` has its timeline' },
  request_id: { type: 'id', means: 'the request; the answer had it as `X-Request-Id`' },
  event_id: { type: 'id', means: 'the event of a provider that a receipt reports' },
  campaign_id: { type: 'id', means: 'the campaign' },
  endpoint_id: { type: 'id', means: 'the webhook endpoint of a customer' },
  staff_id: {
    type: 'id',
    means: 'the member of staff who did it; `carillon-admin staff list` has the names',
  },
  account: { type: 'id', means: 'the provider account', separates: true },
  provider: { type: 'id', means: 'the provider, such as `twilio`', separates: true },
  lane: { type: 'id', means: 'the lane, such as `email-critical`', separates: true },
  work: { type: 'text', means: 'what was being done: a maintenance service or a step', separates: true },
  part: { type: 'text', means: 'what cannot be used: `PostgreSQL`, `Redis`, the accounts', separates: true },
  method: { type: 'id', means: 'of the request' },
  route: {
    type: 'text',
    means: 'the registered pattern, such as `/v1/templates/:key`; never the path',
    separates: true,
  },
  reason: { type: 'text', means: 'why, in a sentence of this system with the remedy' },
  kind: { type: 'id', means: 'of a receipt, or of the failure behind a 503' },
  code: {
    type: 'id',
    means: 'a SQLSTATE, a Node error code, the first word of a Redis error, or a code of this system',
  },
  from: { type: 'id', means: 'the state before' },
  to: { type: 'id', means: 'the state after' },
  action: { type: 'id', means: 'what a member of staff chose' },
  enabled: { type: 'flag', means: 'whether the account is now enabled' },
  created: { type: 'flag', means: 'true: it is new; false: it was changed' },
  version: { type: 'number', means: 'of a job that this release does not understand' },
  status: { type: 'number', means: 'an HTTP status' },
  rows: { type: 'number', means: 'rows that a maintenance service acted on' },
  events: { type: 'number', means: 'events that are sent again' },
  found: { type: 'texts', means: 'kinds of stuck notifications with their counts' },
  lanes: { type: 'texts', means: 'lanes that do not move' },
  roles: { type: 'texts', means: 'what a worker does (`WORKER_ROLES`)' },
  signal: { type: 'id', means: 'why a program stops: the signal, or `hung`' },
  seconds: { type: 'number', means: 'the time that stopping may take' },
  away_seconds: { type: 'number', means: 'how long a server has been unavailable' },
  drain_ms: { type: 'number', means: '`WORKER_DRAIN_SECONDS` in milliseconds' },
  send_timeout_ms: { type: 'number', means: '`SEND_TIMEOUT_MS`' },
  restored_to: { type: 'id', means: 'the moment of the data that the database was restored to' },
  restored_at: { type: 'id', means: 'when the database was restored' },
  calls_cut_off: { type: 'number', means: 'calls that were in flight when a worker ended' },
  url: { type: 'text', means: 'an address of this installation: where a program listens, or a collector' },
  client_ip: { type: 'text', means: 'the network address of a refused login, and nothing else' },
  error: { type: 'error', means: 'the thrown error; see the next table' },
} as const satisfies Record<string, FieldRow>;

/** What the log itself adds to a line. */
export const LINE_FIELDS = {
  at: 'the time, in UTC',
  level: '`debug`, `info`, `warn` or `error`',
  service: '`api`, `worker` or `dashboard`',
  message: 'what happened: a constant text, so that lines can be counted by it',
  trace_id: 'the trace, where the work is traced',
  span_id: 'the span within it',
  times: 'how many lines this one stands for; absent for one',
  dropped_fields:
    'fields that were left out because they are not in this table or have another type: a defect',
} as const;

/** What the log writes of an error. */
export const ERROR_FIELDS = {
  error: 'the class of the innermost cause',
  code: 'its code',
  http_status: 'the HTTP status it carries',
  constraint: 'the constraint that PostgreSQL names',
  table: 'the table that PostgreSQL names',
  column: 'the column that PostgreSQL names',
  text: 'its message, scrubbed: only of error classes of Carillon, or with `LOG_ERROR_TEXT=scrubbed`',
  causes: 'classes and codes from the outermost error to the innermost, where there are several',
  stack: 'up to eight frames, without the message',
} as const;

type FieldName = keyof typeof LOG_FIELDS;
interface ValueOf {
  id: string;
  text: string;
  texts: readonly string[];
  number: number;
  flag: boolean;
  error: unknown;
}

/** The fields of one call. */
export type LogFields = {
  readonly [Name in FieldName]?: ValueOf[(typeof LOG_FIELDS)[Name]['type']] | null | undefined;
};

/** @returns the row of a field; undefined if the name is not listed. */
export function fieldRow(name: string): FieldRow | undefined {
  return Object.hasOwn(LOG_FIELDS, name) ? LOG_FIELDS[name as FieldName] : undefined;
}
