import type { NotAccepted } from '@carillon/core/outcome';

/**
 * What a provider's error codes mean to us, as data beside each adapter: who must act and what it costs. Providers add
 * and change codes, so what is not in the table falls back to the HTTP status, and that to the safe side.
 */
export type CodeTable = Readonly<Record<string, RefusalClass>>;
export type RefusalClass = NotAccepted['class'];

/** Means the same at every provider that speaks HTTP; a table entry wins over it. */
const STATUSES: CodeTable = {
  301: 'misconfigured',
  302: 'misconfigured',
  307: 'misconfigured',
  308: 'misconfigured',
  401: 'misconfigured',
  402: 'quota',
  403: 'misconfigured',
  407: 'misconfigured',
  408: 'transient',
  425: 'transient',
  429: 'throttled',
};

/**
 * @param code the provider's own code, if its answer had one.
 * @returns for the unknown: 4xx is `rejected` (certain, final), everything else `in_doubt`.
 */
export function classOf(table: CodeTable, code: string | undefined, status: number): RefusalClass {
  if (code !== undefined && Object.hasOwn(table, code)) return table[code]!;
  if (Object.hasOwn(table, status)) return table[status]!;
  if (Object.hasOwn(STATUSES, status)) return STATUSES[status]!;
  return status >= 400 && status < 500 ? 'rejected' : 'in_doubt';
}
