import { LiquidError, TypeGuards } from 'liquidjs';
import { DEFAULT_LOCALE } from '../../recipient/locale.ts';
import { tokenize } from '../syntax/engine.ts';
import { SyntaxProblem } from '../syntax/strict-syntax.ts';
import { expand } from './expand.ts';
import {
  type Part,
  type PartForm,
  type PartName,
  type Parts,
  type PartTexts,
  partId,
  placedPartTexts,
} from './parts.ts';

/** A mistake of a part, with its path in the body: `locales.de.html`. */
export interface PartProblem {
  path: string;
  message: string;
  line: number;
  column: number;
}

/** One text of a part with its own partials in it. */
export interface ExpandedPart {
  path: string;
  form: PartForm;
  locale: string;
  text: string;
}

/** What stands for the text of an e-mail when a layout is tried alone. */
const SAMPLE = { html: '', text: '', mjml: '<mj-raw></mj-raw>' };

/**
 * Checks what a part renders, and that a layout prints its content exactly once. The syntax of the texts was checked.
 *
 * @param parts those that the texts name, and those that they name; the part itself is replaced by these texts.
 */
export function expandPart(
  name: PartName,
  texts: PartTexts,
  parts: Parts,
): { expanded: ExpandedPart[]; problems: PartProblem[] } {
  const self: Part = { ...name, texts, version: 0, hash: '' };
  const overlaid = new Map(parts).set(partId(name), self);
  const expanded: ExpandedPart[] = [];
  const problems: PartProblem[] = [];
  for (const { path, locale, text } of placedPartTexts(texts)) {
    for (const [form, source] of Object.entries(text) as [PartForm, string][]) {
      const at = `${path}${form}`;
      try {
        const inner = expandAlone(name, form, source, locale ?? DEFAULT_LOCALE, overlaid);
        expanded.push({ path: at, form, locale: locale ?? DEFAULT_LOCALE, text: inner });
      } catch (error) {
        if (!(error instanceof SyntaxProblem || LiquidError.is(error))) throw error;
        const [line = 1, column = 1] = (error as SyntaxProblem).token?.getPosition() ?? [];
        problems.push({ path: at, message: error.message, line, column });
      }
    }
  }
  return { expanded, problems };
}

function expandAlone(name: PartName, form: PartForm, source: string, locale: string, parts: Parts): string {
  const ctx = { parts, locale, used: new Map<string, Part>() };
  if (name.kind === 'partial') return joined(expand(source, form, ctx, { chain: [name] }));
  let prints = 0;
  const content = {
    pieces: (isStructure: boolean, token: { getPosition(): number[] }) => {
      prints += 1;
      if (prints > 1)
        throw new SyntaxProblem('{{ content }} stands here a second time: print it once', token);
      const text = isStructure ? SAMPLE.mjml : '';
      return [{ text, part: null, home: null, at: 0, isVerbatim: false }];
    },
  };
  const made = joined(expand(source, form, ctx, { content, chain: [name] }));
  if (prints === 0)
    throw new SyntaxProblem(
      'prints no {{ content }}, which stands for the text of the e-mail: put it where that belongs',
      START,
    );
  assertInText(source, form);
  return made;
}

/** Inside of a tag the text of an e-mail would be an attribute. */
function assertInText(source: string, form: PartForm): void {
  if (form === 'text') return;
  const token = tokenize('html', source).find(
    (each) => TypeGuards.isOutputToken(each) && each.content.trim() === 'content',
  )!;
  const before = source.slice(0, token.begin);
  const isInTag = before.lastIndexOf('<') > before.lastIndexOf('>');
  const isInScript = /<(script|style|title)\b(?:(?!<\/\1)[\s\S])*$/i.test(before.slice(-4_096));
  if (isInTag || isInScript)
    throw new SyntaxProblem(
      '{{ content }} stands inside a tag, a script or a style sheet: put it between tags',
      token,
    );
}

const START = { getPosition: () => [1, 1] };

function joined(pieces: readonly { text: string }[]): string {
  return pieces.map(({ text }) => text).join('');
}
