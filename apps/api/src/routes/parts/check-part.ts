import { expandPart } from '@carillon/core/template/compile/check-part';
import { isAboutMark, lostTags, shield } from '@carillon/core/template/compile/liquid-shield';
import { asDocument, componentProblem } from '@carillon/core/template/compile/mjml-source';
import {
  namedParts,
  type PartName,
  type PartTexts,
  placedPartTexts,
} from '@carillon/core/template/compile/parts';
import type { FieldError } from '@carillon/core/text/problem';
import { gatherParts } from '@carillon/services/templates/gather-parts';
import { invalid } from '../../middleware/invalid.ts';
import type { CompileContext } from '../templates/compile-texts.ts';

interface Problem extends FieldError {
  line: number;
  column: number;
}

/**
 * Checks a layout or partial before it is stored: its Liquid, the partials that it renders, and its MJML.
 *
 * @param at stands before the paths of its texts: `part.` where it is a member of the body.
 * @throws ProblemError 422 with every problem: its path in the body, line and column.
 */
export async function checkPart(
  ctx: CompileContext,
  name: PartName,
  texts: PartTexts,
  at = '',
): Promise<void> {
  const refuse = (problems: Problem[]): void => {
    if (problems.length === 0) return;
    throw invalid(problems.map((problem) => ({ ...problem, path: `${at}${problem.path}` })));
  };
  refuse(await syntaxProblems(ctx, texts));
  const sources = placedPartTexts(texts).flatMap(({ text }) => Object.values(text) as string[]);
  const parts = await gatherParts(ctx.sql, ctx.tenant, namedParts(sources));
  const { expanded, problems: ofParts } = expandPart(name, texts, parts);
  refuse(ofParts.map(placed));
  const ofMjml: Problem[] = [];
  for (const { path, form, locale, text } of expanded)
    if (form === 'mjml') ofMjml.push(...(await mjmlProblems(ctx, path, text, locale)));
  refuse(ofMjml.map(placed));
}

async function syntaxProblems(ctx: CompileContext, texts: PartTexts): Promise<Problem[]> {
  const sources = placedPartTexts(texts).flatMap(({ path, text }) =>
    Object.entries(text).map(([form, source]) => ({
      path: `${path}${form}`,
      form,
      source: source as string,
    })),
  );
  // Each as a field of an e-mail; what an e-mail needs besides is given.
  const contents = sources.map(({ form, source }) =>
    form === 'text' ? { subject: '-', html: '-', text: source } : { subject: '-', html: source },
  );
  const checks = await ctx.templates.check(
    ctx.tenant.appId,
    contents.map((content) => ({ channel: 'email' as const, content })),
  );
  return checks.flatMap((check, i) =>
    check.ok
      ? []
      : check.problems
          // An empty text is a part that shows nothing in this form.
          .filter(({ message }) => !/is required for email/.test(message))
          .map(({ message, line, column }) => placed({ path: sources[i]!.path, message, line, column })),
  );
}

/** The part alone as a document: what it is put into is not known here. */
async function mjmlProblems(
  { tools }: CompileContext,
  path: string,
  source: string,
  locale: string,
): Promise<Problem[]> {
  const { document } = asDocument(source);
  const { text, tags } = shield(document);
  const unclosed = componentProblem(text);
  if (unclosed !== null)
    return [{ path, message: unclosed.message, line: lineOf(text, unclosed.at), column: 1 }];
  const { html, errors } = await tools.mjml(text, locale);
  const mistakes = errors
    .filter(({ message }) => !isAboutMark(message))
    .map(({ line, message }) => ({ path, message, line, column: 1 }));
  if (mistakes.length > 0) return mistakes;
  return lostTags(html, tags).map((tag) => ({
    path,
    message: `${tag.text.slice(0, 60)} is lost or moved when MJML compiles this: put it into <mj-raw>`,
    line: lineOf(document, tag.at),
    column: 1,
  }));
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function placed(problem: Problem): Problem {
  const { line, column, message } = problem;
  return { ...problem, message: `line ${line}, column ${column}: ${message}` };
}
