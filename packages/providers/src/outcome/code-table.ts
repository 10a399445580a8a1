import type { NotAccepted, OutcomeSubject } from '@carillon/core/provider/outcome';

/**
 * The meaning of a provider's error codes, as data next to each adapter: who must act, whether it uses a try and the
 * subject of the answer. Providers add and change codes, so a code that is not in the table falls back to the HTTP
 * status, and that to the choice that loses no message: another account is tried.
 */
export type CodeTable = Readonly<Record<string, RefusalClass | Meaning>>;
export type RefusalClass = NotAccepted['class'];

export interface Meaning extends Pick<NotAccepted, 'about' | 'othersMayTake'> {
  class: RefusalClass;
}

/** A class alone means this. */
const USUALLY_ABOUT: Readonly<Record<RefusalClass, OutcomeSubject>> = {
  transient: 'provider',
  throttled: 'account',
  quota: 'account',
  in_doubt: 'provider',
  rejected: 'message',
  bad_recipient: 'recipient',
  misconfigured: 'account',
};

/** This account does not accept it; another one may, so the message does not end while one is left. */
export const refusedHere = (about: OutcomeSubject): Meaning => ({
  class: 'rejected',
  about,
  othersMayTake: true,
});
/** Every account would answer the same. */
export const refusedEverywhere = (about: OutcomeSubject): Meaning => ({ class: 'rejected', about });
/** The settings of this account, or of this sender at it, are wrong: it waits for the operator and uses no try. */
export const misconfigured = (about: OutcomeSubject): Meaning => ({ class: 'misconfigured', about });
export const transient = (about: OutcomeSubject): Meaning => ({ class: 'transient', about });
export const throttled = (about: OutcomeSubject): Meaning => ({ class: 'throttled', about });

/** The same for every HTTP provider; a table entry takes precedence. */
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
  // Limits of size differ between providers.
  413: refusedHere('message'),
  425: 'transient',
  429: 'throttled',
};

/**
 * @param code the provider's own code, if its answer had one.
 * @returns for an unknown code: 4xx is `rejected` by this account (certain), everything else `in_doubt`.
 */
export function meaningOf(table: CodeTable, code: string | undefined, status: number): Meaning {
  if (code !== undefined && Object.hasOwn(table, code)) return whole(table[code]!);
  if (Object.hasOwn(table, status)) return whole(table[status]!);
  if (Object.hasOwn(STATUSES, status)) return whole(STATUSES[status]!);
  return status >= 400 && status < 500 ? { class: 'rejected', othersMayTake: true } : whole('in_doubt');
}

/** One table from groups of codes with the same meaning. @throws if a code is in two groups. */
export function codeTable(
  groups: readonly (readonly [RefusalClass | Meaning, readonly (string | number)[]])[],
): CodeTable {
  const table: Record<string, RefusalClass | Meaning> = {};
  for (const [meaning, codes] of groups) {
    for (const code of codes) {
      if (Object.hasOwn(table, code)) throw new Error(`the code ${code} stands in the table twice`);
      table[code] = meaning;
    }
  }
  return table;
}

/** The meaning of a table entry, with the usual subject of its class. */
export function whole(entry: RefusalClass | Meaning): Meaning {
  const { about, ...rest } = typeof entry === 'string' ? { class: entry } : entry;
  return { ...rest, about: about ?? USUALLY_ABOUT[rest.class] };
}
