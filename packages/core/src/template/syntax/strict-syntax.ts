import { type TagToken, type Token, TypeGuards } from 'liquidjs';
import { MAX_DEPTH, MAX_NODE_LENGTH, MAX_NODES } from '../render/limits.ts';
import type { Tokens } from './field-parser.ts';
import type { HtmlPlace } from './html-place.ts';
import { OPERATORS } from './operators.ts';
import { PART_TAG, RENDER_TAG } from './part-tags.ts';
import { StrictTokenizer } from './strict-tokenizer.ts';

/** A mistake that LiquidJS accepts, at an offset of the source. */
export class SyntaxProblem extends Error {
  readonly token: Pick<Token, 'getPosition'>;

  constructor(message: string, token: Pick<Token, 'getPosition'>) {
    super(message);
    this.token = token;
  }
}

const BLOCKS: readonly string[] = ['if', 'unless', 'case', 'for', 'capture', PART_TAG];
const NO_ARGUMENTS: ReadonlySet<string> = new Set([
  ...['else', 'break', 'continue', 'comment', 'endcomment', 'raw', 'endraw'],
  ...BLOCKS.map((name) => `end${name}`),
]);

/**
 * Checks the limits that protect the parser and the thread: number of tags, length of each, nesting depth. Before
 * parsing.
 *
 * @throws SyntaxProblem
 */
export function checkSize(tokens: Tokens): void {
  let nodes = 0;
  let depth = 0;
  for (const token of tokens) {
    if (!TypeGuards.isTagToken(token) && !TypeGuards.isOutputToken(token)) continue;
    nodes += 1;
    if (nodes > MAX_NODES)
      throw new SyntaxProblem(
        `is the tag or output number ${nodes}, the limit is ${MAX_NODES}: simplify the template`,
        token,
      );
    const length = token.end - token.begin;
    if (length > MAX_NODE_LENGTH)
      throw new SyntaxProblem(
        `is a tag or output of ${length} characters, the limit is ${MAX_NODE_LENGTH}: split it`,
        token,
      );
    if (!TypeGuards.isTagToken(token)) continue;
    if (BLOCKS.includes(token.name)) depth += 1;
    else if (token.name.startsWith('end') && BLOCKS.includes(token.name.slice(3))) depth -= 1;
    if (depth > MAX_DEPTH)
      throw new SyntaxProblem(
        `tag "${token.name}" is nested ${depth} deep, the limit is ${MAX_DEPTH}: simplify the template`,
        token,
      );
  }
}

/**
 * Checks that nothing in the tags and outputs is silently ignored. After parsing: LiquidJS' own messages come
 * first.
 *
 * @param places the HTML contexts of the outputs in an html field.
 * @throws SyntaxProblem, or a LiquidError
 */
export function checkSyntax(tokens: Tokens, places: ReadonlyMap<Token, HtmlPlace>): void {
  const open: { name: string; hasElse: boolean; hasBranch: boolean }[] = [];
  let isComment = false;
  for (const [i, token] of tokens.entries()) {
    if (TypeGuards.isTagToken(token)) {
      if (token.name === 'endcomment') isComment = false;
      if (isComment) continue;
      checkTag(token);
      checkBranches(token, open);
      if (token.name === 'comment') isComment = true;
    } else if (isComment) continue;
    else if (TypeGuards.isOutputToken(token)) {
      strict(token, token.contentRange).readOnlyValue();
      if (places.get(token) === 'script') checkScript(token, tokens[i - 1]);
    }
    const block = open.at(-1);
    const isText =
      !TypeGuards.isTagToken(token) && (TypeGuards.isOutputToken(token) || token.getText().trim() !== '');
    if (isText && block?.name === 'case' && !block.hasBranch)
      throw new SyntaxProblem(
        'stands between "case" and its first "when", where nothing is printed: move it',
        token,
      );
  }
}

function strict(token: Token, range: readonly [number, number]): StrictTokenizer {
  return new StrictTokenizer(token.input, OPERATORS, undefined, [...range]);
}

type TagCheck = (tokenizer: StrictTokenizer) => void;

const condition: TagCheck = (tokenizer) => tokenizer.readOnlyValue();
const TAG_CHECKS: Readonly<Record<string, TagCheck>> = {
  if: condition,
  elsif: condition,
  unless: condition,
  case: condition,
  when: checkWhen,
  for: checkFor,
  assign: (tokenizer) => {
    tokenizer.readIdentifier();
    tokenizer.skipBlank();
    // Past the `=`, which the parser has found there.
    tokenizer.advance();
    tokenizer.readOnlyValue();
  },
  [RENDER_TAG]: checkRender,
  capture: (tokenizer) => {
    if (!tokenizer.readNonEmptyIdentifier()) tokenizer.readQuoted();
    tokenizer.expectEnd();
  },
};
const nothing: TagCheck = (tokenizer) => tokenizer.expectEnd();

function checkTag(token: TagToken): void {
  const end = token.contentRange[1];
  const check = TAG_CHECKS[token.name] ?? (NO_ARGUMENTS.has(token.name) ? nothing : null);
  check?.(strict(token, [end - token.args.length, end]));
}

/** Values with a comma or `or` between each two. */
function checkWhen(tokenizer: StrictTokenizer): void {
  for (;;) {
    tokenizer.readValueOrThrow();
    tokenizer.skipBlank();
    if (tokenizer.end()) return;
    if (tokenizer.peek() === ',') tokenizer.advance();
    else {
      const begin = tokenizer.p;
      const isOr = tokenizer.readIdentifier().getText() === 'or';
      tokenizer.assert(isOr, 'values of "when" are separated by a comma or by "or"', begin);
    }
  }
}

/** `item in items`, then `limit: n`, `offset: n` and `reversed`, each once. */
function checkFor(tokenizer: StrictTokenizer): void {
  tokenizer.readIdentifier();
  tokenizer.readIdentifier();
  tokenizer.readValueOrThrow();
  const seen = new Set<string>();
  for (tokenizer.skipBlank(); !tokenizer.end(); tokenizer.skipBlank()) {
    if (tokenizer.peek() === ',') tokenizer.advance();
    tokenizer.skipBlank();
    const begin = tokenizer.p;
    const name = tokenizer.readIdentifier().getText();
    const isKnown = ['limit', 'offset', 'reversed'].includes(name) && !seen.has(name);
    tokenizer.assert(
      isKnown,
      () =>
        `unexpected ${JSON.stringify(name || tokenizer.snapshot())}: "for" takes limit: n, offset: n and reversed`,
      begin,
    );
    seen.add(name);
    if (name === 'reversed') continue;
    tokenizer.skipBlank();
    tokenizer.assert(tokenizer.read() === ':', `write ${name}: and a number`, begin);
    tokenizer.readValueOrThrow();
  }
}

/** The quoted key of a partial, then names with values. */
function checkRender(tokenizer: StrictTokenizer): void {
  const begin = tokenizer.p;
  tokenizer.skipBlank();
  const key = tokenizer.readQuoted();
  tokenizer.assert(key, 'the key of a partial is missing: {% render "footer" %}, in quotes', begin);
  const seen = new Set<string>();
  for (tokenizer.skipBlank(); !tokenizer.end(); tokenizer.skipBlank()) {
    const at = tokenizer.p;
    const hint = 'after its key "render" takes values by name: {% render "button", url: order.url %}';
    tokenizer.assert(tokenizer.read() === ',', hint, at);
    const name = tokenizer.readIdentifier().getText();
    tokenizer.skipBlank();
    tokenizer.assert(name !== '' && tokenizer.read() === ':', hint, at);
    tokenizer.assert(!seen.has(name), `the value "${name}" is given twice: remove one`, at);
    seen.add(name);
    tokenizer.readValueOrThrow();
  }
}

/** Branches that LiquidJS drops: after `else`, or a second `else`. */
function checkBranches(
  token: TagToken,
  open: { name: string; hasElse: boolean; hasBranch: boolean }[],
): void {
  if (BLOCKS.includes(token.name)) {
    open.push({ name: token.name, hasElse: false, hasBranch: false });
    return;
  }
  const block = open.at(-1);
  if (token.name.startsWith('end') && BLOCKS.includes(token.name.slice(3))) open.pop();
  else if (block && ['else', 'elsif', 'when'].includes(token.name)) {
    if (block.hasElse)
      throw new SyntaxProblem(
        `"${token.name}" stands behind "else", where it is never reached: move it`,
        token,
      );
    block.hasElse = token.name === 'else';
    block.hasBranch = true;
  }
}

/** Entities mean nothing inside a script: what is printed there must be JSON. */
function checkScript(token: Token & { content: string }, before: Token | undefined): void {
  if (!/\|\s*json\s*$/.test(token.content)) {
    const message =
      'stands inside a script, where text is not escaped: print it as JSON, {{ value | json }}, without quotes around it';
    throw new SyntaxProblem(message, token);
  }
  if (/["'`]\s*$/.test(before?.getText().slice(-8) ?? ''))
    throw new SyntaxProblem('filter "json" brings its own quotes: remove those around it', token);
}
