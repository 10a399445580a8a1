import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, Node } from 'libpg-query';
import type { Rule } from './rules.ts';

/** What a statement does: which rules it breaks if the table is one with rows, and how it locks that table. */
export interface Effect {
  table: string;
  rules: Rule[];
  /** It keeps writers of the table out until the end of the transaction, however short the statement itself is. */
  locks: boolean;
  /** It creates the table: nothing that follows can block anybody. */
  creates?: true;
  /** Columns it adds. */
  adds?: string[];
  /** Columns it reads through an index. */
  indexes?: string[];
  /** It reads the table under a lock that lets writers pass. */
  validates?: true;
}

type Name<N> = N extends unknown ? keyof N : never;
type Kind = Name<Node>;
type Of<K extends Kind> = Extract<Node, Record<K, unknown>>[K & keyof Extract<Node, Record<K, unknown>>];

/** Of one statement as PostgreSQL's own parser reads it. @param text of the statement, for what the tree leaves out */
export function effectsOf(statement: Node, text: string): Effect[] {
  const [kind, tree] = Object.entries(statement)[0] as [Kind, unknown];
  if (HARMLESS.has(kind)) return [];
  const read = STATEMENTS[kind] as ((tree: unknown, text: string) => Effect[]) | undefined;
  return read ? read(tree, text) : [{ table: kind, rules: ['unknown'], locks: true }];
}

/** They lock no table that exists, or none for longer than a moment and against nobody who reads or writes rows. */
const HARMLESS: ReadonlySet<Kind> = new Set<Kind>([
  'CommentStmt',
  'CreateEnumStmt',
  'CreateExtensionStmt',
  'CreateFunctionStmt',
  'CreateSchemaStmt',
  'CreateSeqStmt',
  'AlterEnumStmt',
  'GrantStmt',
  'InsertStmt',
  'SelectStmt',
  'VariableSetStmt',
]);

const one = (table: string | undefined, ...rules: Rule[]): Effect[] => [
  { table: table ?? '?', rules, locks: true },
];

const STATEMENTS: { readonly [K in Kind]?: (tree: Of<K>, text: string) => Effect[] } = {
  CreateStmt: ({ relation, tableElts = [] }) => [
    { table: relation?.relname ?? '?', rules: [], locks: false, creates: true },
    // A foreign key locks the table it leads to against writers, for a moment: the new table is empty.
    ...tableElts.flatMap((element) =>
      constraintsOf(element).flatMap(({ contype, pktable }) =>
        contype === 'CONSTR_FOREIGN' ? one(pktable?.relname) : [],
      ),
    ),
  ],
  CreateTrigStmt: ({ relation }) => one(relation?.relname),
  AlterTableStmt: alterTable,
  IndexStmt: ({ relation, concurrent, indexParams = [] }, text) => {
    const table = relation?.relname ?? '?';
    if (concurrent) return one(table, 'needs-no-transaction');
    const indexes = indexParams.flatMap((param) =>
      'IndexElem' in param && param.IndexElem.name ? [param.IndexElem.name] : [],
    );
    return [{ table, rules: BUILT_AHEAD.test(text) ? [] : ['index-under-lock'], locks: true, indexes }];
  },
  DropStmt: ({ removeType, concurrent, objects = [] }) =>
    objects.flatMap((object) =>
      one(
        namesIn(object).at(-1) ?? removeType,
        ...(concurrent ? (['needs-no-transaction'] as const) : []),
        'removes',
      ),
    ),
  RenameStmt: ({ relation }) => one(relation?.relname, 'renames'),
  UpdateStmt: ({ relation }) => one(relation?.relname, 'changes-rows'),
  DeleteStmt: ({ relation }) => one(relation?.relname, 'changes-rows'),
  MergeStmt: ({ relation }) => one(relation?.relname, 'changes-rows'),
  TruncateStmt: ({ relations = [] }) =>
    relations.flatMap((each) => one('RangeVar' in each ? each.RangeVar.relname : '?', 'removes')),
  LockStmt: ({ relations = [] }) =>
    relations.flatMap((each) => one('RangeVar' in each ? each.RangeVar.relname : '?', 'locks-table')),
  VacuumStmt: () => one('VACUUM', 'needs-no-transaction'),
  ClusterStmt: ({ relation }) => one(relation?.relname, 'rewrites-table'),
  ReindexStmt: ({ relation }) => one(relation?.relname, 'index-under-lock'),
};

/** The form that db/build-ahead.ts knows. */
const BUILT_AHEAD = /^create (unique )?index if not exists \w+ on \w+ .*$/is;

function alterTable({ relation, cmds = [] }: AlterTableStmt): Effect[] {
  const table = relation?.relname ?? '?';
  return cmds.flatMap((each) => {
    if (!('AlterTableCmd' in each)) return one(table, 'unknown');
    const command = each.AlterTableCmd;
    const effect = (command.subtype && COMMANDS[command.subtype]) ?? breaking('unknown');
    return [{ table, locks: true, ...effect(command) }];
  });
}

type CommandEffect = Partial<Effect> & { rules: Rule[] };
type Command = NonNullable<AlterTableCmd['subtype']>;

const short = (): CommandEffect => ({ rules: [] });
/** SHARE UPDATE EXCLUSIVE: rows may be written meanwhile. */
const weak = (): CommandEffect => ({ rules: [], locks: false });
const breaking =
  (...rules: Rule[]) =>
  (): CommandEffect => ({ rules });

const COMMANDS: { readonly [C in Command]?: (command: AlterTableCmd) => CommandEffect } = {
  AT_AddColumn: ({ def }) => addColumn(def && 'ColumnDef' in def ? def.ColumnDef : {}),
  AT_AddConstraint: ({ def }) => addConstraint(def && 'Constraint' in def ? def.Constraint : {}),
  AT_ColumnDefault: ({ def }) => ({ rules: def === undefined ? ['requires-value'] : [] }),
  AT_ValidateConstraint: () => ({ rules: [], locks: false, validates: true }),
  AT_DropNotNull: short,
  AT_DropConstraint: breaking('removes'),
  AT_DropColumn: breaking('removes'),
  AT_SetNotNull: breaking('scans-under-lock', 'requires-value'),
  AT_AlterColumnType: breaking('changes-type', 'rewrites-table'),
  AT_SetLogged: breaking('rewrites-table'),
  AT_SetUnLogged: breaking('rewrites-table'),
  AT_SetTableSpace: breaking('rewrites-table'),
  AT_SetAccessMethod: breaking('rewrites-table'),
  AT_AddIdentity: breaking('rewrites-table'),
  AT_SetExpression: breaking('rewrites-table'),
  AT_SetRelOptions: weak,
  AT_ResetRelOptions: weak,
  AT_SetStatistics: weak,
  AT_SetOptions: weak,
  AT_SetStorage: short,
  AT_SetCompression: short,
  AT_EnableTrig: short,
  AT_DisableTrig: short,
  AT_ReplicaIdentity: short,
};

function addColumn({ colname = '?', typeName, constraints = [] }: ColumnDef): CommandEffect {
  const all = constraints.flatMap((each) => ('Constraint' in each ? [each.Constraint] : []));
  const default_ = all.find(({ contype }) => contype === 'CONSTR_DEFAULT');
  const has = (...types: Constraint['contype'][]) => all.some(({ contype }) => types.includes(contype));
  const rules: Rule[] = [];
  const isSerial = /serial$/.test(namesIn(typeName).at(-1) ?? '');
  if (isSerial || has('CONSTR_IDENTITY', 'CONSTR_GENERATED') || isVolatile(default_?.raw_expr))
    rules.push('rewrites-table');
  if (has('CONSTR_NOTNULL', 'CONSTR_PRIMARY') && !default_ && !isSerial) rules.push('requires-value');
  if (has('CONSTR_UNIQUE', 'CONSTR_PRIMARY')) rules.push('index-under-lock');
  // Without a default the column is null everywhere, and PostgreSQL skips the proof.
  if (has('CONSTR_CHECK', 'CONSTR_FOREIGN') && default_) rules.push('scans-under-lock');
  return { rules, adds: [colname] };
}

function addConstraint({ contype, skip_validation, indexname }: Constraint): CommandEffect {
  if (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN' || contype === 'CONSTR_NOTNULL')
    return { rules: skip_validation ? [] : ['scans-under-lock'] };
  return { rules: indexname ? [] : ['index-under-lock'] };
}

/** Evaluated once for all rows: constants, casts of them, and the time of the transaction. */
function isVolatile(expression: Node | undefined): boolean {
  if (expression === undefined) return false;
  return /"(FuncCall|SubLink)":/.test(
    JSON.stringify(expression).replaceAll(/"FuncCall":\{"funcname":\[\{"String":\{"sval":"now"\}\}\]/g, ''),
  );
}

function constraintsOf(element: Node): Constraint[] {
  if ('Constraint' in element) return [element.Constraint];
  if (!('ColumnDef' in element)) return [];
  return (element.ColumnDef.constraints ?? []).flatMap((each) =>
    'Constraint' in each ? [each.Constraint] : [],
  );
}

/** Every identifier within, in order. */
function namesIn(tree: unknown): string[] {
  return [...JSON.stringify(tree ?? null).matchAll(/"sval":"([^"]*)"/g)].map(([, name]) => name!);
}
