import type { Migration } from '@carillon/db/pending-migrations';
import { loadModule, type Node, parseSync } from 'libpg-query';
import { RULES, type Rule, ruleOf } from './rules.ts';
import { type Effect, effectsOf } from './statements.ts';

await loadModule();

/** What is wrong with one statement of a migration. */
export interface LintFinding {
  migration: string;
  /** Its first line. */
  statement: string;
  rule: Rule | 'accepted without need';
  table: string;
  /** For the author of the migration: what it does, and what to write instead. */
  message: string;
}

/**
 * Looks for statements that would keep writers out of a table with rows, or make programs of the previous release fail.
 * Tables that one of these migrations creates are empty and unknown to that release: anything may be done to them. A
 * comment `-- accepted <rule>: <reason>` above a statement accepts one rule for it.
 *
 * @param migrations those that the previous release does not have, oldest first.
 */
export function lintMigrations(migrations: readonly Migration[]): LintFinding[] {
  const created = new Set<string>();
  return migrations.flatMap((migration) => {
    const before: Effect[] = [];
    return migration.statements.flatMap((chunk) => {
      const accepted = [...chunk.matchAll(/^\s*-- accepted ([\w-]+): \S/gm)].map(([, rule]) => rule!);
      const statements = parsed(chunk);
      const found = statements.flatMap(({ node, text }) => {
        const effects = effectsOf(node, text).filter(({ table, creates }) => {
          if (creates) created.add(table);
          return !created.has(table);
        });
        const broken = effects.flatMap((effect) => {
          const rules = [...effect.rules, ...afterOthers(effect, before)];
          before.push(effect);
          return rules.map((rule) => ({ rule, table: effect.table, text }));
        });
        return broken;
      });
      const line = statements[0]?.text.split('\n')[0] ?? '';
      const unneeded = accepted.filter((rule) => !found.some((each) => each.rule === rule));
      return [
        ...found
          .filter(({ rule }) => !accepted.includes(rule))
          .map(({ rule, table, text }) => finding(migration.name, text, rule, table)),
        ...unneeded.map(
          (rule): LintFinding => ({
            migration: migration.name,
            statement: line,
            rule: 'accepted without need',
            table: '',
            message: `${migration.name}: "-- accepted ${rule}" accepts nothing that is found in "${line}": remove it. The rules are ${Object.keys(RULES).join(', ')}.`,
          }),
        ),
      ];
    });
  });
}

/** What is wrong only because of earlier statements of the same migration. */
function afterOthers(effect: Effect, before: readonly Effect[]): Rule[] {
  const sameTable = before.filter(({ table }) => table === effect.table);
  const added = sameTable.flatMap(({ adds = [] }) => adds);
  return [
    ...(effect.validates && before.some(({ locks }) => locks) ? (['validates-under-lock'] as const) : []),
    ...(effect.indexes?.some((column) => added.includes(column)) ? (['index-under-lock'] as const) : []),
  ];
}

function finding(migration: string, text: string, rule: Rule, table: string): LintFinding {
  const { why, instead } = ruleOf(rule);
  const statement = text.split('\n')[0]!;
  return {
    migration,
    statement,
    rule,
    table,
    message: `${migration}, "${statement}" (${rule} on ${table}): ${why}. Instead: ${instead}.`,
  };
}

/** The statements of a text, without the comments above each. @throws with PostgreSQL's own message about the syntax */
function parsed(chunk: string): { node: Node; text: string }[] {
  const bytes = Buffer.from(chunk);
  return (parseSync(chunk).stmts ?? []).map(({ stmt, stmt_location: from = 0, stmt_len }) => {
    const text = bytes.subarray(from, stmt_len === undefined ? undefined : from + stmt_len).toString();
    return {
      node: stmt!,
      text: text
        .replace(/^(\s*--.*\n|\s+)+/, '')
        .replace(/;\s*$/, '')
        .trim(),
    };
  });
}
