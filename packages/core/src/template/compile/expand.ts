import { type TagToken, TypeGuards } from 'liquidjs';
import { MAX_SOURCE_LENGTH } from '../render/limits.ts';
import { tokenize } from '../syntax/engine.ts';
import { PART_TAG, RENDER_TAG } from '../syntax/part-tags.ts';
import { SyntaxProblem } from '../syntax/strict-syntax.ts';
import { mjmlPlaces } from './mjml-source.ts';
import {
  MAX_PART_DEPTH,
  type Part,
  type PartForm,
  type PartName,
  type Parts,
  partId,
  partText,
} from './parts.ts';

/** A piece of a text after its parts were put in, and where it comes from. */
export interface Piece {
  text: string;
  /** Null: of the text itself. */
  part: PartName | null;
  /** The source that `at` is an offset of: the text itself (null) or a layout. */
  home: PartName | null;
  /** Of its beginning; of a partial, of the tag that renders it. */
  at: number;
  /** Whether `text` stands in the source as it is, so that offsets in it count on from `at`. */
  isVerbatim: boolean;
}

export interface ExpandContext {
  parts: Parts;
  /** Of the text: which texts of the parts are taken. */
  locale: string;
  /** Gets every part that is put in. */
  used: Map<string, Part>;
}

/**
 * Puts the texts of partials where a source renders them, and the content where a layout prints it. The result needs nothing
 * else any more: it renders alike whatever becomes of the parts.
 *
 * @param form what the source is; partials are taken in the same form.
 * @param content what `{{ content }}` of a layout stands for; undefined outside of layouts.
 * @throws SyntaxProblem at the tag: no such partial, none in this form, a cycle, too deep, too long.
 */
export function expand(
  source: string,
  form: PartForm,
  ctx: ExpandContext,
  { content, chain = [] }: { content?: LayoutContent; chain?: readonly PartName[] } = {},
): Piece[] {
  const self = chain.at(-1) ?? null;
  const tokens = tokenize('html', source);
  const places = form === 'mjml' ? mjmlPlaces(source) : null;
  const binds = tokens.some((token) => TypeGuards.isTagToken(token) && BINDING.includes(token.name));
  const pieces: Piece[] = [];
  let at = 0;
  let length = 0;
  const add = (piece: Piece): void => {
    length += piece.text.length;
    pieces.push(piece);
  };
  const verbatim = (end: number): void => {
    if (end > at) add({ text: source.slice(at, end), part: self, home: self, at, isVerbatim: true });
  };
  let isComment = false;
  for (const token of tokens) {
    if (TypeGuards.isTagToken(token)) {
      if (token.name === 'comment') isComment = true;
      else if (token.name === 'endcomment') isComment = false;
    }
    if (isComment) continue;
    const isStructure = places?.isStructure(token.begin) ?? false;
    if (content !== undefined && TypeGuards.isOutputToken(token) && token.content.trim() === 'content') {
      verbatim(token.begin);
      for (const piece of isolatedPieces(content.pieces(isStructure, token), '', binds, isStructure))
        add(piece);
      at = token.end;
    } else if (TypeGuards.isTagToken(token) && token.name === RENDER_TAG) {
      verbatim(token.begin);
      const { key, values } = partCall(token);
      const inner = partialPieces(
        key,
        isStructure ? 'mjml' : form === 'mjml' ? 'html' : form,
        token,
        ctx,
        chain,
      );
      const text = inner.map((piece) => piece.text).join('');
      const whole = {
        text,
        part: { kind: 'partial', key },
        home: self,
        at: token.begin,
        isVerbatim: false,
      } as const;
      const trims = [token.trimLeft, token.trimRight] as const;
      for (const piece of isolatedPieces([whole], values, binds, isStructure, trims)) add(piece);
      at = token.end;
    } else continue;
    if (length > MAX_SOURCE_LENGTH) {
      const message = `makes the text longer than ${MAX_SOURCE_LENGTH} characters: shorten it, or the partial`;
      throw new SyntaxProblem(message, token);
    }
  }
  verbatim(source.length);
  return pieces;
}

export interface LayoutContent {
  /** @throws SyntaxProblem at `token` if the content cannot stand there. */
  pieces(isStructure: boolean, token: { getPosition(): number[] }): readonly Piece[];
}

/** Tags after which a name means something else than the data's. */
const BINDING = ['assign', 'capture', 'for'];

/**
 * A part sees none of the variables around it and leaves none of its own. Where neither side has any, nothing is put around it:
 * then a text of plain values is still rendered without an interpreter.
 */
function isolatedPieces(
  pieces: readonly Piece[],
  values: string,
  binds: boolean,
  isStructure: boolean,
  [trimLeft, trimRight]: readonly [boolean, boolean] = [false, false],
): Piece[] {
  const leaves = pieces.some(({ text }) => /\{%-?\s*(?:assign|capture)\b/.test(text));
  if (!binds && !leaves && values === '' && !trimLeft && !trimRight) return [...pieces];
  const [open, close] = [
    `{%${trimLeft ? '-' : ''} ${PART_TAG}${values === '' ? '' : ` ${values}`} %}`,
    `{% end${PART_TAG} ${trimRight ? '-' : ''}%}`,
  ].map((tag) => (isStructure ? `<mj-raw>${tag}</mj-raw>` : tag)) as [string, string];
  const { part = null, home = null, at = 0 } = pieces[0] ?? {};
  const around = (text: string): Piece => ({ text, part, home, at, isVerbatim: false });
  return [around(open), ...pieces, around(close)];
}

function partCall(token: TagToken): { key: string; values: string } {
  const [whole = '', , key = ''] = /^\s*(["'])(.*?)\1\s*,?\s*/s.exec(token.args) ?? [];
  return { key, values: token.args.slice(whole.length).trim() };
}

function partialPieces(
  key: string,
  form: PartForm,
  token: TagToken,
  ctx: ExpandContext,
  chain: readonly PartName[],
): Piece[] {
  const name = { kind: 'partial', key } as const;
  const names = [...chain, name];
  const path = names.map((each) => each.key).join(' > ');
  if (chain.some((each) => partId(each) === partId(name)))
    throw new SyntaxProblem(`the partial "${key}" renders itself (${path}): take one of them out`, token);
  if (names.length > MAX_PART_DEPTH)
    throw new SyntaxProblem(
      `partials are ${names.length} deep (${path}), the limit is ${MAX_PART_DEPTH}: put one into the other`,
      token,
    );
  const part = ctx.parts.get(partId(name));
  if (part === undefined)
    throw new SyntaxProblem(`there is no partial "${key}": PUT /v1/partials/${key} makes one`, token);
  ctx.used.set(partId(name), part);
  const source = partText(part, form, ctx.locale);
  if (source === undefined)
    throw new SyntaxProblem(`the partial "${key}" has no ${form}: ${MISSING[form]}`, token);
  try {
    return expand(source, form, ctx, { chain: names });
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    // Seen from the text that renders it; the innermost names its own place.
    if (error.message.startsWith('in the partial')) throw new SyntaxProblem(error.message, token);
    const [line, column] = error.token.getPosition();
    throw new SyntaxProblem(
      `in the partial "${key}", line ${line}, column ${column}: ${error.message}`,
      token,
    );
  }
}

const MISSING: Readonly<Record<PartForm, string>> = {
  html: 'this is HTML',
  text: 'plain texts, subjects and the other channels take its text',
  mjml: 'between the components of MJML it needs some; within a text, as in <mj-text>, html is taken',
};
