import { LiquidError } from 'liquidjs';
import type { Channel } from '../../notification/channel.ts';
import type { Content } from '../../notification/message.ts';
import type { PlacedText, SourceContent } from '../draft.ts';
import { isBlank } from '../render/blank.ts';
import { MAX_SOURCE_LENGTH } from '../render/limits.ts';
import { checkTemplate, isTemplate } from '../syntax/check.ts';
import { SyntaxProblem } from '../syntax/strict-syntax.ts';
import { expand, type LayoutContent, type Piece } from './expand.ts';
import {
  hasMarks,
  isAboutMark,
  lostTags,
  type Shielded,
  shield,
  unshield,
  withoutLinesOfTags,
} from './liquid-shield.ts';
import { componentProblem } from './mjml-source.ts';
import { type Part, type PartForm, type Parts, partId, partText, type UsedPart } from './parts.ts';

/** What compiles the languages of e-mails. Sources have marks in the place of Liquid. */
export interface CompileTools {
  mjml(source: string, locale: string): Promise<MjmlResult>;
  plainText(html: string): Promise<string>;
}

export interface MjmlResult {
  /** Empty if it cannot be compiled at all. */
  html: string;
  errors: { line: number; message: string }[];
}

/** A mistake, placed in what its author wrote. */
export interface SourceProblem {
  field: keyof SourceContent;
  message: string;
  line: number;
  column: number;
}

export type Compiled =
  | {
      ok: true;
      /** What is stored and rendered. */
      content: Content;
      /** The layouts and partials in it. */
      used: UsedPart[];
      /** Whether its plain text was made of its HTML. */
      isTextDerived: boolean;
      /** The place in the source of a mistake that shows only in the whole. */
      locate(problem: SourceProblem): SourceProblem;
    }
  | { ok: false; problems: SourceProblem[] };

/**
 * Makes the content that is rendered of a text as its author wrote it: puts layout and partials in, compiles MJML, derives the
 * plain text of an e-mail that has none. The result does not change any more, whatever becomes of the parts.
 *
 * @param text its syntax was checked.
 * @param parts those that it names, and those that they name.
 */
export async function compileText(text: PlacedText, parts: Parts, tools: CompileTools): Promise<Compiled> {
  const { channel, content: source, locale } = text;
  const used = new Map<string, Part>();
  const ctx = { parts, locale, used };
  const { layout: layoutKey, mjml, ...own } = source;
  const content: Content = {};
  const places = new Map<keyof Content, Placement>();
  const layout = channel === 'email' && layoutKey !== undefined ? layoutOf(parts, layoutKey) : null;
  if (layout instanceof Error) return failed('layout', layout.message);
  if (layout !== null) used.set(partId(layout), layout);
  if (mjml !== undefined && own.html !== undefined)
    return failed('mjml', 'is mutually exclusive with html; give one of the two');

  const fields: [keyof SourceContent, string][] = Object.entries({ ...own, mjml }).filter(
    (entry): entry is [keyof SourceContent & string, string] => entry[1] !== undefined,
  ) as [keyof SourceContent, string][];
  for (const [field, fieldSource] of fields) {
    try {
      const form = formOf(field);
      const pieces = expand(fieldSource, form, ctx);
      const isBody = field === 'html' || field === 'mjml' || (field === 'text' && channel === 'email');
      const around =
        layout !== null && isBody ? inLayout(layout, form, pieces, ctx) : { form, pieces, layoutSource: '' };
      const placement: Placement = { field, source: fieldSource, ...around, tags: null };
      if (around.form === 'mjml') {
        const html = await compileMjml(placement, locale, tools);
        if (typeof html !== 'string') return { ok: false, problems: html };
        content.html = html;
        places.set('html', placement);
      } else {
        content[field as keyof Content] = around.pieces.map((piece) => piece.text).join('');
        places.set(field as keyof Content, placement);
      }
    } catch (error) {
      if (!(error instanceof SyntaxProblem || LiquidError.is(error))) throw error;
      const [line = 1, column = 1] = (error as SyntaxProblem).token?.getPosition() ?? [];
      return {
        ok: false,
        problems: [
          { field: error instanceof LayoutProblem ? 'layout' : field, message: error.message, line, column },
        ],
      };
    }
  }
  const derived = await derivedText(channel, content, tools);
  if (derived !== null) content.text = derived;
  return {
    ok: true,
    content,
    used: [...used.values()].map(({ kind, key, version, hash }) => ({ kind, key, version, hash })),
    isTextDerived: derived !== null,
    locate: (problem) => located(problem, content, places),
  };
}

/** How a field was made. */
interface Placement {
  field: keyof SourceContent;
  source: string;
  pieces: readonly Piece[];
  layoutSource: string;
  /** Of MJML. */
  tags: Shielded['tags'] | null;
}

/** A mistake of the layout, not of the text in it. */
class LayoutProblem extends SyntaxProblem {}

function failed(field: keyof SourceContent, message: string): Compiled {
  return { ok: false, problems: [{ field, message, line: 1, column: 1 }] };
}

function formOf(field: keyof SourceContent): PartForm {
  return field === 'html' || field === 'mjml' ? field : 'text';
}

function layoutOf(parts: Parts, key: string): Part | Error {
  return (
    parts.get(partId({ kind: 'layout', key })) ??
    new Error(`there is no layout "${key}": PUT /v1/layouts/${key} makes one, GET /v1/layouts lists them`)
  );
}

const START = { getPosition: () => [1, 1] };

function inLayout(
  layout: Part,
  form: PartForm,
  own: readonly Piece[],
  ctx: Parameters<typeof expand>[2],
): { form: PartForm; pieces: Piece[] | readonly Piece[]; layoutSource: string } {
  const of = (wanted: PartForm) => partText(layout, wanted, ctx.locale);
  const outer: PartForm =
    form === 'html' && of('html') === undefined && of('mjml') !== undefined ? 'mjml' : form;
  const source = of(outer);
  if (source === undefined) {
    // A plain text stands for itself.
    if (form === 'text') return { form, pieces: own, layoutSource: '' };
    const has = (['html', 'mjml', 'text'] as const).filter((each) => of(each) !== undefined).join(' and ');
    throw new LayoutProblem(
      `the layout "${layout.key}" has ${has || 'no text'} and this e-mail is ${form}: give both the same`,
      START,
    );
  }
  const content: LayoutContent = {
    pieces: (isStructure) => {
      if (outer !== 'mjml' || isStructure === (form === 'mjml')) return own;
      throw new LayoutProblem(
        form === 'mjml'
          ? `the layout "${layout.key}" prints {{ content }} within a text and this e-mail is MJML: put it between the components, or give html`
          : `the layout "${layout.key}" prints {{ content }} between components and this e-mail is HTML: give mjml, or put it into <mj-text>`,
        START,
      );
    },
  };
  try {
    const name = { kind: 'layout', key: layout.key } as const;
    return {
      form: outer,
      pieces: expand(source, outer, ctx, { content, chain: [name] }),
      layoutSource: source,
    };
  } catch (error) {
    if (!(error instanceof SyntaxProblem) || error instanceof LayoutProblem) throw error;
    const [line] = error.token.getPosition();
    throw new LayoutProblem(`in the layout "${layout.key}", line ${line}: ${error.message}`, START);
  }
}

async function compileMjml(
  placement: Placement,
  locale: string,
  tools: CompileTools,
): Promise<string | SourceProblem[]> {
  const whole = placement.pieces.map((piece) => piece.text).join('');
  const at = (offset: number, message: string) => placed(placement, offset, message);
  if (hasMarks(whole))
    return [at(0, 'has the characters U+E000 or U+E001, which are of no script: remove them')];
  const { text, tags } = shield(whole);
  placement.tags = tags;
  const offsetOf = offsetsIn(text, tags);
  const unclosed = componentProblem(text);
  if (unclosed !== null) return [at(offsetOf(unclosed.at), unclosed.message)];
  const { html, errors } = await tools.mjml(text, locale);
  const lines = lineStarts(text);
  const mistakes = errors
    .filter(({ message }) => !isAboutMark(message))
    .map(({ line, message }) => at(offsetOf(lines[line - 1] ?? 0), message));
  if (mistakes.length > 0) return mistakes;
  const lost = lostTags(html, tags);
  if (lost.length > 0)
    return lost.map((tag) =>
      at(
        tag.at,
        `${shortened(tag.text)} is lost or moved when MJML compiles this: between components only other components stay, so put it into <mj-raw>${shortened(tag.text)}</mj-raw>; within a tag use an output, not a condition`,
      ),
    );
  return unshield(html, tags);
}

/** @returns null where there is nothing to derive it from, or Liquid that only HTML can have. */
async function derivedText(
  channel: Channel,
  { html, text }: Content,
  tools: CompileTools,
): Promise<string | null> {
  if (
    channel !== 'email' ||
    !html?.trim() ||
    text !== undefined ||
    html.length > MAX_SOURCE_LENGTH ||
    hasMarks(html)
  )
    return null;
  let shielded: Shielded;
  try {
    shielded = shield(html);
  } catch (error) {
    if (LiquidError.is(error)) return null;
    throw error;
  }
  const bare = withoutLinesOfTags(await tools.plainText(shielded.text), shielded.tags);
  const made = unshield(bare, shielded.tags, (tag) =>
    tag.text.replace(/\s*\|\s*(?:escape|newline_to_br)\b/g, ''),
  );
  if (isBlank(made) || (isTemplate(made) && !checkTemplate('text', made, 'compiled').ok)) return null;
  return made.trim();
}

/** From a problem of the whole to one of the source. */
function located(
  problem: SourceProblem,
  content: Content,
  places: ReadonlyMap<keyof Content, Placement>,
): SourceProblem {
  const placement = places.get(problem.field as keyof Content);
  const whole = content[problem.field as keyof Content];
  if (placement === undefined || whole === undefined) return problem;
  const offset = (lineStarts(whole)[problem.line - 1] ?? 0) + problem.column - 1;
  if (placement.tags === null) return placed(placement, offset, problem.message);
  const tag = placement.tags.find((each) => whole.startsWith(each.text, offset));
  return placed(placement, tag?.at ?? 0, problem.message);
}

/** @param offset in the whole text. */
function placed(
  { field, source, pieces, layoutSource }: Placement,
  offset: number,
  message: string,
): SourceProblem {
  let start = 0;
  for (const { text, part, home, at, isVerbatim } of pieces) {
    if (offset >= start + text.length) {
      start += text.length;
      continue;
    }
    const there = isVerbatim ? at + offset - start : at;
    const of = part === null ? '' : `in the ${part.kind} "${part.key}"`;
    if (home === null)
      return { field, message: of === '' ? message : `${of}: ${message}`, ...placeIn(source, there) };
    const { line } = placeIn(layoutSource, there);
    return {
      field: 'layout',
      message: `in the layout "${home.key}", line ${line}: ${message}`,
      line: 1,
      column: 1,
    };
  }
  return { field, message, ...placeIn(source, source.length) };
}

function placeIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** From an offset in a text with marks to that in the text without. */
function offsetsIn(text: string, tags: Shielded['tags']): (offset: number) => number {
  return (offset) => unshield(text.slice(0, offset), tags).length;
}

function shortened(tag: string): string {
  return tag.length > 60 ? `${tag.slice(0, 60)}...` : tag;
}
