import { LiquidError, type Token } from 'liquidjs';
import type { Channel } from '../../notification/channel.ts';
import { CONTENT_FIELDS, type Content } from '../../notification/message.ts';
import { FILTERS, HTML_FILTERS } from '../filters/filters.ts';
import { isSingleLine, SINGLE_LINE_FIELDS } from '../filters/single-line.ts';
import { type ContentField, MAX_OUTPUT_LENGTH, MAX_SOURCE_LENGTH } from '../render/limits.ts';
import { type Engine, parseField, SOURCE_TAGS, tokenize } from './engine.ts';
import { CURRENT_ENGINE } from './engine-version.ts';
import { placesOf } from './field-parser.ts';
import type { HtmlPlace } from './html-place.ts';
import { isOurs } from './our-variables.ts';
import { variableUse } from './required-variables.ts';
import { checkSize, checkSyntax, SyntaxProblem } from './strict-syntax.ts';
import { urlProblem } from './url-rule.ts';

/** A fault of a template's source, its position (line and column from 1) and the remedy. */
export interface TemplateProblem {
  message: string;
  line: number;
  column: number;
}

export type TemplateCheck =
  | { ok: true; variables: string[]; required: string[] }
  | { ok: false; problems: TemplateProblem[] };

export type ContentCheck =
  | { ok: true; variables: string[]; required: string[] }
  | { ok: false; problems: (TemplateProblem & { field: ContentField })[] };

/** Only html fields are escaped, and only they have the filters that make HTML. */
export function kindOf(field: ContentField): 'html' | 'text' {
  return field === 'html' ? 'html' : 'text';
}

/**
 * Checks one field of a template as it is saved: syntax, tags, filters, length.
 *
 * @param stage `source`: as its author wrote it; `compiled`: with its parts in it.
 * @returns the variables it mentions and those that `data` must bring (see required-variables.ts), or the problem.
 */
export function checkTemplate(
  field: ContentField,
  text: string,
  stage: 'source' | 'compiled' = 'source',
): TemplateCheck {
  const engine: Engine = stage === 'source' ? 'source' : CURRENT_ENGINE;
  if (text.length > MAX_SOURCE_LENGTH) {
    const message = `is ${text.length} characters long, the limit is ${MAX_SOURCE_LENGTH}: shorten it`;
    return { ok: false, problems: [{ message, line: 1, column: 1 }] };
  }
  const kind = kindOf(field);
  try {
    const tokens = tokenize(kind, text);
    checkSize(tokens);
    const { variables, required } = variableUse(parseField(kind, tokens, engine));
    checkSyntax(tokens, kind === 'html' ? placesOf(tokens) : NO_PLACES);
    return { ok: true, variables: [...variables].sort(), required: [...required].sort() };
  } catch (error) {
    if (!(LiquidError.is(error) || error instanceof SyntaxProblem)) throw error;
    const [line = 1, column = 1] = (error as Located).token?.getPosition() ?? [];
    const isTooDeep = (error as Located).originalError instanceof RangeError;
    const message = isTooDeep ? 'is nested too deeply: simplify it' : inOurWords(error.message, field);
    return { ok: false, problems: [{ message, line, column }] };
  }
}

/**
 * Checks all fields of one channel in one locale: the fields it must and may have, and each of them.
 *
 * @param kind `template`: as its author wrote it; `compiled`: with its parts in it; `inline` content is final: its braces mean
 *   nothing, and what rendering would detect is checked here.
 */
export function checkContent(
  channel: Channel,
  content: Content,
  kind: 'template' | 'compiled' | 'inline' = 'template',
): ContentCheck {
  const { required, oneOf, optional } = CONTENT_FIELDS[channel];
  const problems: (TemplateProblem & { field: ContentField })[] = [];
  const complain = (field: ContentField, message: string) => {
    problems.push({ field, message, line: 1, column: 1 });
  };
  for (const field of required) {
    if (!content[field]?.trim()) complain(field, `is required for ${channel}: write it`);
  }
  if (oneOf.length > 0 && !oneOf.some((field) => content[field]?.trim())) {
    complain(oneOf[0]!, `one of ${oneOf.join(', ')} is required for ${channel}: write one`);
  }
  const use = { variables: new Set<string>(), required: new Set<string>() };
  for (const [field, text] of Object.entries(content) as [ContentField, string | undefined][]) {
    if (text === undefined) continue;
    if (![...required, ...oneOf, ...optional].includes(field)) {
      complain(field, `is not a field of ${channel}: remove it`);
      continue;
    }
    if (kind === 'inline' || !isTemplate(text)) {
      const message = finalProblem(channel, field, text);
      if (message !== null) complain(field, message);
      continue;
    }
    const check = checkTemplate(field, text, kind === 'compiled' ? 'compiled' : 'source');
    if (check.ok) {
      for (const name of check.variables) use.variables.add(name);
      for (const name of check.required) if (!isOurs(channel, name)) use.required.add(name);
    } else problems.push(...check.problems.map((problem) => ({ field, ...problem })));
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, variables: [...use.variables].sort(), required: [...use.required].sort() };
}

/** The fault of a text that is sent unchanged. */
function finalProblem(channel: Channel, field: ContentField, text: string): string | null {
  const maxLength = MAX_OUTPUT_LENGTH[channel][field] ?? 0;
  if (text.length > maxLength) {
    return `is ${text.length} characters long, ${channel} takes ${maxLength}: shorten it`;
  }
  if (SINGLE_LINE_FIELDS.includes(field) && !isSingleLine(text)) {
    return 'holds a line break or another control character: write it on one line';
  }
  return field === 'url' ? urlProblem(text) : null;
}

/** False if the text is final: nothing to parse, nothing to render. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%');
}

const NO_PLACES: ReadonlyMap<Token, HtmlPlace> = new Map();

interface Located extends Error {
  originalError?: unknown;
  token?: { getPosition(): number[] };
}

/** LiquidJS' messages, without the position (reported separately) and with the remedy. */
function inOurWords(message: string, field: ContentField): string {
  const bare = message.replace(/, line:\d+, col:\d+$/, '').replace(/, file:.*$/, '');
  const tag = /^tag "(.*)" not found$/.exec(bare)?.[1];
  if (tag !== undefined) {
    return /^(end|else|elsif|when)/.test(tag)
      ? `unexpected tag "${tag}": it closes or continues nothing that is open here`
      : `unknown tag "${tag}": use one of ${SOURCE_TAGS.join(', ')}`;
  }
  const filter = /^undefined filter: (.*)$/.exec(bare)?.[1];
  if (filter === 'raw') return 'filter "raw" is not allowed: what data brings is always escaped';
  if (filter !== undefined && (HTML_FILTERS as readonly string[]).includes(filter)) {
    return `filter "${filter}" makes HTML and ${field} is plain text: remove it`;
  }
  if (filter !== undefined) {
    const known = kindOf(field) === 'html' ? [...FILTERS, ...HTML_FILTERS] : FILTERS;
    return `unknown filter "${filter}": use one of ${known.join(', ')}`;
  }
  return bare;
}
