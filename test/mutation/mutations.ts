import { parseAst } from 'vitest/node';

/** One change of a source text that a test should detect. */
export interface Mutation {
  /** Offsets into the source, in UTF-16 units. */
  start: number;
  end: number;
  from: string;
  to: string;
  /** From 1. */
  line: number;
  /** The source line without white space around it, by which the list of equivalent mutations finds it again. */
  text: string;
}

const REPLACEMENTS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '&': ['|'],
  '|': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
  '*=': ['/='],
  '/=': ['*='],
  '++': ['--'],
  '--': ['++'],
};

interface Node {
  type: string;
  start: number;
  end: number;
  operator?: string;
  left?: Node;
  right?: Node;
  argument?: Node;
  prefix?: boolean;
  value?: unknown;
  bigint?: string;
}

/** Wrappers of an expression that exist for the type checker; every other `TS...` node is a type and has no effect. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
]);

/** @returns every mutation of a TypeScript source, in the order of the text. */
export function mutationsOf(source: string): Mutation[] {
  const found: Mutation[] = [];
  const add = (start: number, from: string, to: string): void => {
    const lineStart = source.lastIndexOf('\n', start - 1) + 1;
    const lineEnd = source.indexOf('\n', start);
    found.push({
      start,
      end: start + from.length,
      from,
      to,
      line: source.slice(0, start).split('\n').length,
      text: source.slice(lineStart, lineEnd === -1 ? undefined : lineEnd).trim(),
    });
  };
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node, (node) => {
    for (const [start, from, to] of ofNode(node, source)) add(start, from, to);
  });
  return found.sort((a, b) => a.start - b.start);
}

function* ofNode(node: Node, source: string): Generator<[start: number, from: string, to: string]> {
  const { type, operator, left, right, argument, value } = node;
  if (type === 'Literal') {
    if (typeof value === 'boolean') yield [node.start, String(value), String(!value)];
    if (typeof value === 'number') yield [node.start, source.slice(node.start, node.end), String(value + 1)];
    if (typeof value === 'bigint') yield [node.start, source.slice(node.start, node.end), `${value + 1n}n`];
  } else if (type === 'UnaryExpression' && operator === '!') {
    // `!!x` becomes `!x`, once.
    if (argument?.type !== 'UnaryExpression') yield [node.start, '!', ''];
  } else if (type === 'UpdateExpression' && argument && operator) {
    for (const to of REPLACEMENTS[operator] ?? [])
      yield [node.prefix ? node.start : node.end - operator.length, operator, to];
  } else if (left && right && operator) {
    const start = operatorAt(source, left.end, right.start, operator);
    if (start !== -1) for (const to of REPLACEMENTS[operator] ?? []) yield [start, operator, to];
  }
}

/** Between two operands stand brackets, comments and the operator. */
function operatorAt(source: string, from: number, to: number, operator: string): number {
  const between = source
    .slice(from, to)
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length));
  const at = between.indexOf(operator);
  return at === -1 ? -1 : from + at;
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node);
  for (const [name, child] of Object.entries(node)) {
    if (name === 'typeAnnotation' || name === 'typeArguments' || name === 'returnType') continue;
    for (const each of Array.isArray(child) ? child : [child])
      if (isNode(each) && (!each.type.startsWith('TS') || TRANSPARENT.has(each.type))) visit(each, see);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** @returns the source with the mutation in it. */
export function applied(source: string, { start, end, from, to }: Omit<Mutation, 'line' | 'text'>): string {
  if (source.slice(start, end) !== from) throw new Error(`"${from}" is not at ${start} any more`);
  return source.slice(0, start) + to + source.slice(end);
}
