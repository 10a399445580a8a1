import type { Mutant } from './mutants.ts';

/** Guards of imports: what a merge leaves as it is, and the progress in the commit of a part. */
export const IMPORT_MUTANTS: readonly Mutant[] = [
  {
    name: 'import: a merge overwrites choices',
    changes: [
      {
        file: 'db/preferences/merge-categories.ts',
        find: 'if (resubscribe) return sql`',
        replace: 'if (true) return sql`',
      },
    ],
    scenario: 'import whose API dies reporting',
    expects: ['opted_in'],
  },
  {
    name: 'import: the second row of a person forgets the opt-out of the first',
    changes: [
      {
        file: 'apps/api/src/imports/check-row.ts',
        find: 'if (!resubscribe)\n',
        replace: 'if (false)\n',
      },
    ],
    scenario: 'import whose API dies reporting',
    expects: ['opted_in'],
  },
  {
    name: 'import: a merge lifts suppressions',
    changes: [
      {
        file: 'db/imports/merge-rows.ts',
        find: 'const enabled = resubscribe ? await enableAddresses(tx, tenant) : [];',
        replace: 'const enabled = await enableAddresses(tx, tenant);',
      },
      {
        file: 'apps/api/src/imports/part-builder.ts',
        find: 'resubscribe && address ?',
        replace: 'address ?',
      },
    ],
    scenario: 'import whose API dies reporting',
    expects: ['lifted'],
  },
  {
    name: 'import: progress is stored before the merge',
    changes: [
      {
        file: 'packages/services/src/imports/merge-part.ts',
        find: 'return whileAway(() => db.begin((tx) => mergeOnce(',
        replace: `await db\`update imports set position = \${part.position} where id = \${open.row.id}\`;\n  return whileAway(() => db.begin((tx) => mergeOnce(`,
      },
      {
        file: 'packages/services/src/imports/merge-part.ts',
        find: '  if (at.position >= part.position) return true;\n',
        replace: '',
      },
    ],
    scenario: 'import whose API dies merging',
    expects: ['line_lost'],
  },
  {
    name: 'import: lines that were stored are stored again',
    changes: [
      {
        file: 'apps/api/src/imports/part-builder.ts',
        find: 'if (read.endLine <= skipTo) return;',
        replace: '',
      },
      {
        file: 'packages/services/src/imports/merge-part.ts',
        find: '  if (at.position >= part.position) return true;\n',
        replace: '',
      },
    ],
    scenario: 'import whose API dies reporting',
    expects: ['line_repeated'],
  },
];
