import type { Sql } from 'postgres';

/**
 * Registers the arrays of PostgreSQL's own types in a client. postgres.js would query the server for them on every new
 * connection, in a query whose failure is not caught: a connection lost at that moment ends the process (3.4.9;
 * `fetch_types: false` turns it off, and with it all arrays). Their numbers never change.
 */
export function knowArrays(sql: Sql): void {
  // The maps that the library itself reads; drizzle changes them, too.
  const { parsers, serializers } = sql.options as unknown as Maps;
  for (const [element, array] of ARRAYS) {
    serializers[array] = (value) =>
      Array.isArray(value) ? literalOf(value, serializers[element]) : String(value);
    parsers[array] = (text) => parseLiteral(text, parsers[element]);
  }
}

interface Maps {
  parsers: Record<number, ((text: string) => unknown) | undefined>;
  serializers: Record<number, ((value: unknown) => unknown) | undefined>;
}

/** Element and array: rows of pg_type. */
const ARRAYS: readonly (readonly [number, number])[] = [
  [16, 1000], // bool
  [17, 1001], // bytea
  [19, 1003], // name
  [20, 1016], // int8
  [21, 1005], // int2
  [23, 1007], // int4
  [25, 1009], // text
  [26, 1028], // oid
  [114, 199], // json
  [701, 1022], // float8
  [1043, 1015], // varchar
  [1082, 1182], // date
  [1114, 1115], // timestamp
  [1184, 1185], // timestamptz
  [1700, 1231], // numeric
  [2950, 2951], // uuid
  [3802, 3807], // jsonb
];

/** `{"a","b \"c\"",null}`; arrays inside arrays are arrays again. */
export function literalOf(
  values: readonly unknown[],
  serialize: (value: unknown) => unknown = String,
): string {
  const items = values.map((value) => {
    if (Array.isArray(value)) return literalOf(value, serialize);
    if (value === null) return 'null';
    return `"${String(serialize(value)).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  });
  return `{${items.join(',')}}`;
}

/** The inverse, for PostgreSQL's output: quotes only where they are needed, `NULL` unquoted. */
export function parseLiteral(text: string, parse: (text: string) => unknown = String): unknown[] {
  const TOKEN = /"((?:[^"\\]|\\.)*)"|([^{},"]+)|([{}])/gs;
  const levels: unknown[][] = [[]];
  for (const [, quoted, bare, brace] of text.matchAll(TOKEN)) {
    const inside = levels.at(-1)!;
    if (brace === '{') {
      const inner: unknown[] = [];
      inside.push(inner);
      levels.push(inner);
    } else if (brace === '}') levels.pop();
    else if (quoted !== undefined) inside.push(parse(quoted.replaceAll(/\\(.)/gs, '$1')));
    else inside.push(bare === 'NULL' ? null : parse(bare!));
  }
  return levels[0]![0] as unknown[];
}
