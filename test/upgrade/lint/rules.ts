/**
 * What a migration must not do to a table that has rows and is in use, by the previous release too: the reason, and what
 * to write instead. `blocks`: the statement keeps writers out for as long as it reads or rewrites the table. `breaks`:
 * programs of the previous release fail on the schema after it. Source of the locks:
 * https://www.postgresql.org/docs/18/sql-altertable.html and .../explicit-locking.html
 */
interface RuleText {
  kind: 'blocks' | 'breaks';
  why: string;
  instead: string;
}

const IN_TWO_RELEASES =
  'take it out in a later release, when no running program uses it, and write "-- accepted <rule>: <reason>" above the statement';

export const RULES = {
  'rewrites-table': {
    kind: 'blocks',
    why: 'every row is rewritten under ACCESS EXCLUSIVE, which keeps readers out as well',
    instead:
      'add a column with a constant default or without one, let the programs fill it, and change over in a later release',
  },
  'scans-under-lock': {
    kind: 'blocks',
    why: 'every row is read under ACCESS EXCLUSIVE or SHARE ROW EXCLUSIVE to prove the constraint',
    instead:
      'add the constraint as "not valid" (it holds for every new row), and "validate constraint" in a migration of its own; for "not null": a check (column is not null) in that way',
  },
  'validates-under-lock': {
    kind: 'blocks',
    why: 'the rows are read while an earlier statement of this migration still holds its lock',
    instead: 'put "validate constraint" into a migration of its own',
  },
  'index-under-lock': {
    kind: 'blocks',
    why: 'writers wait until the index is built',
    instead:
      'write "create index if not exists <name> on <table> ...", which db/build-ahead.ts builds without a lock before the migration; for a column that the same migration adds: in the migration after it',
  },
  'needs-no-transaction': {
    kind: 'blocks',
    why: 'a migration runs in a transaction, in which PostgreSQL refuses this',
    instead: 'for an index, write "create index if not exists", which is built ahead; else do it by hand',
  },
  'changes-rows': {
    kind: 'blocks',
    why: 'every changed row stays locked until the migration ends, and every version of it has to be vacuumed',
    instead:
      'let a maintenance service change them in portions, or read both forms; for a table that is small in every installation write "-- accepted changes-rows: <reason>"',
  },
  'locks-table': {
    kind: 'blocks',
    why: 'the table is locked until the migration ends',
    instead: 'do without the lock',
  },
  removes: {
    kind: 'breaks',
    why: 'programs of the previous release still use it',
    instead: IN_TWO_RELEASES,
  },
  renames: {
    kind: 'breaks',
    why: 'programs of the previous release know the old name only',
    instead: 'add the new one, write both, and remove the old one in a later release',
  },
  'requires-value': {
    kind: 'breaks',
    why: 'programs of the previous release do not write this column, and their inserts are refused',
    instead: 'give it a constant default, or let it be null',
  },
  'changes-type': {
    kind: 'breaks',
    why: 'programs of the previous release write and read the old type, and the rows may be rewritten',
    instead: 'add a column of the new type, write both, and remove the old one in a later release',
  },
  unknown: {
    kind: 'blocks',
    why: 'nobody has decided yet what this form does to a table in use',
    instead: 'look its lock up, and add it to test/upgrade/lint/statements.ts',
  },
} as const satisfies Record<string, RuleText>;

export type Rule = keyof typeof RULES;

export const ruleOf = (rule: Rule): RuleText => RULES[rule];
