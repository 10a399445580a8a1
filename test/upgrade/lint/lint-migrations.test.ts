import path from 'node:path';
import { readMigrations } from '@carillon/db/pending-migrations';
import { describe, expect, test } from 'vitest';
import { PREVIOUS } from '../previous-release.ts';
import { lintMigrations } from './lint-migrations.ts';

const all = readMigrations(path.join(import.meta.dirname, '../../../db/migrations'));
const written = (...texts: string[]) =>
  texts.map((text, k) => ({
    name: `m${k}`,
    at: k,
    hash: '',
    statements: text.split('--> statement-breakpoint'),
  }));
const rulesFor = (...texts: string[]) => lintMigrations(written(...texts)).map(({ rule }) => rule);

test('migrations since the previous release neither keep writers out of a table nor break that release', () => {
  const newer = all.slice(all.findIndex(({ name }) => name === PREVIOUS.lastMigration) + 1);
  expect(lintMigrations(newer).map(({ message }) => message)).toEqual([]);
});

describe('what keeps writers out, or breaks the previous release, is found:', () => {
  test.each([
    ['alter table t add column a uuid default gen_random_uuid()', ['rewrites-table']],
    ['alter table t add column a bigint generated always as identity', ['rewrites-table']],
    ['alter table t add column a bigserial', ['rewrites-table']],
    ['alter table t add column a int generated always as (b + 1) stored', ['rewrites-table']],
    ['alter table t alter column a type bigint', ['changes-type', 'rewrites-table']],
    ['alter table t set unlogged', ['rewrites-table']],
    ['cluster t using i', ['rewrites-table']],
    ['alter table t alter column a set not null', ['scans-under-lock', 'requires-value']],
    ['alter table t add constraint c check (a > 0)', ['scans-under-lock']],
    ['alter table t add foreign key (a) references u (id)', ['scans-under-lock']],
    ['alter table t add column a int default 1 check (a > 0)', ['scans-under-lock']],
    ['alter table t add constraint c unique (a)', ['index-under-lock']],
    ['alter table t add column a text unique', ['index-under-lock']],
    ['alter table t add exclude using gist (a with &&)', ['index-under-lock']],
    ['create index i on t (a)', ['index-under-lock']],
    ['create unique index i on t (a)', ['index-under-lock']],
    ['create index if not exists i on public.t (a)', ['index-under-lock']],
    ['reindex table t', ['index-under-lock']],
    ['create index concurrently i on t (a)', ['needs-no-transaction']],
    ['vacuum full t', ['needs-no-transaction']],
    ['update t set a = 1', ['changes-rows']],
    ['delete from t where a is null', ['changes-rows']],
    ['lock table t in share mode', ['locks-table']],
    ['truncate t', ['removes']],
    ['drop table t', ['removes']],
    ['drop index i', ['removes']],
    ['alter table t drop column a', ['removes']],
    ['alter table t drop constraint c', ['removes']],
    ['alter table t rename column a to b', ['renames']],
    ['alter table t rename to u', ['renames']],
    ['alter table t add column a text not null', ['requires-value']],
    ['alter table t alter column a drop default', ['requires-value']],
    ['do $$ begin perform 1; end $$', ['unknown']],
    ['alter table t inherit u', ['unknown']],
  ])('%s', (text, rules) => {
    expect(rulesFor(text)).toEqual(rules);
  });

  test('the proof of a constraint while the lock of an earlier statement is held', () => {
    const add = 'alter table t add constraint c check (a > 0) not valid';
    const validate = 'alter table t validate constraint c';
    expect(rulesFor(`${add};--> statement-breakpoint\n${validate}`)).toEqual(['validates-under-lock']);
    expect(rulesFor(add, validate)).toEqual([]);
  });

  test('an index of a column of the same migration, which cannot be built ahead', () => {
    const add = 'alter table t add column a text';
    const index = 'create index if not exists i on t (a)';
    expect(rulesFor(`${add};\n${index}`)).toEqual(['index-under-lock']);
    expect(rulesFor(add, index)).toEqual([]);
  });
});

describe('what is safe passes:', () => {
  test.each([
    'alter table t add column a text',
    "alter table t add column a jsonb not null default '[]'::jsonb",
    'alter table t add column a timestamptz not null default now()',
    'alter table t add column a timestamptz not null default current_timestamp',
    'alter table t add column a uuid references u (id)',
    'alter table t add constraint c foreign key (a) references u (id) not valid',
    'alter table t add constraint c unique using index i',
    'alter table t alter column a drop not null',
    'alter table t alter column a set default 5',
    'alter table t set (fillfactor = 70)',
    'create index if not exists i on t (a)',
    'create unique index if not exists i on t (lower(a)) where b is null',
    "insert into t (a) values ('x')",
    'create or replace function f() returns trigger language plpgsql as $$ begin update t set a = 1; return new; end $$',
    'create trigger g after insert on t for each row execute function f()',
  ])('%s', (text) => {
    expect(rulesFor(text)).toEqual([]);
  });

  test('anything done to a table that is created in the same upgrade', () => {
    const later = 'create index i on t (a); update t set a = 1; alter table t alter column a set not null';
    expect(rulesFor('create table t (a text)', later)).toEqual([]);
  });

  test('one statement that is accepted with its reason, by the rule that it breaks', () => {
    expect(
      rulesFor('-- accepted changes-rows: an installation has a few apps.\nupdate apps set a = 1'),
    ).toEqual([]);
    expect(rulesFor('-- accepted changes-rows\nupdate apps set a = 1')).toEqual(['changes-rows']);
    expect(rulesFor('-- accepted removes: no.\nupdate apps set a = 1')).toEqual([
      'changes-rows',
      'accepted without need',
    ]);
  });
});

test('the message says what to write instead', () => {
  const [found] = lintMigrations(written('-- Fast.\ncreate index i on t (a);'));
  expect(found!.message).toBe(
    'm0, "create index i on t (a)" (index-under-lock on t): writers wait until the index is built. Instead: write "create index if not exists <name> on <table> ...", which db/build-ahead.ts builds without a lock before the migration; for a column that the same migration adds: in the migration after it.',
  );
});

// They were applied to small installations; what is found in them shows that the rules are not empty.
test('the migrations up to 0016 are judged by the same rules', () => {
  const later = all.slice(1, all.findIndex(({ name }) => name === '0016_find_messages') + 1);
  const found = later.flatMap((migration) =>
    lintMigrations([migration]).map(({ rule, table }) => `${migration.name}: ${rule} on ${table}`),
  );
  expect(found).toEqual([
    '0005_receipts: index-under-lock on provider_logs',
    '0007_age_index: removes on notifications_by_age',
    '0007_age_index: index-under-lock on notifications',
    '0014_secret_bodies: changes-rows on provider_accounts',
  ]);
});
