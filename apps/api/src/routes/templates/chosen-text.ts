import type { Channel } from '@carillon/core/notification/channel';
import type { Content } from '@carillon/core/notification/message';
import { resolveLocale } from '@carillon/core/recipient/locale';
import { type PlacedText, placedTexts, type SourceContent } from '@carillon/core/template/draft';
import {
  CURRENT_ENGINE,
  type EngineVersion,
  isKnownEngine,
} from '@carillon/core/template/syntax/engine-version';
import { missingVariables } from '@carillon/core/template/syntax/required-variables';
import { ProblemError } from '@carillon/core/text/problem';
import type { Tenant } from '@carillon/db/connection/tenant';
import { getDraft } from '@carillon/db/templates/drafts';
import { getTemplate } from '@carillon/db/templates/templates';
import { noSuchTemplate } from '@carillon/services/templates/publish';
import type { Sql } from 'postgres';
import { invalid } from '../../middleware/invalid.ts';
import { type CompileContext, compileTexts } from './compile-texts.ts';
import { placedProblem } from './template-schema.ts';

/** The texts of a template as they are to be rendered. */
export interface SourceTexts {
  /** Null for a draft. */
  version: number | null;
  /** For caches; undefined for texts that change. */
  cacheKey: string | undefined;
  texts: SourceText[];
}

export interface SourceText {
  channel: Channel;
  locale: string;
  /** As its author wrote it. */
  source: SourceContent;
  /** What was published; undefined for a draft, whose parts are those of now. */
  published?: { content: Content; engine: number };
}

/** A text that can be rendered. */
export interface RenderableText extends SourceText {
  content: Content;
  engine: EngineVersion;
  /** Null where newer rules would refuse a published text: it is rendered all the same. */
  use: { variables: string[]; required: string[] } | null;
}

/**
 * What is rendered of a text.
 *
 * @param at the path of the text in messages; of a text in the body `content`.
 * @throws ProblemError 422 with line and column for a mistake in one that is not published.
 */
export async function renderable(ctx: CompileContext, text: SourceText, at: string): Promise<RenderableText> {
  const { channel, locale, source, published } = text;
  if (published !== undefined) {
    const { content, engine } = published;
    const [check] = await ctx.templates.check(ctx.tenant.appId, [{ channel, content }], 'compiled');
    const use = check!.ok ? { variables: check!.variables, required: check!.required } : null;
    return { ...text, content, engine: isKnownEngine(engine) ? engine : CURRENT_ENGINE, use };
  }
  const [made] = await compileTexts(ctx, [{ channel, locale, content: source }]);
  if (!made!.ok) throw invalid(made!.problems.map((problem) => placedProblem(at, problem)));
  const { content, variables, required } = made!;
  return { ...text, content, engine: CURRENT_ENGINE, use: { variables, required } };
}

/** The published version of a template, another one, or its draft. @throws ProblemError 404. */
export async function sourceTexts(
  sql: Sql,
  tenant: Tenant,
  key: string,
  { version, draft }: { version?: number | undefined; draft: boolean },
): Promise<SourceTexts> {
  if (draft) {
    const row = await getDraft(sql, tenant, key);
    if (row === null) throw noSuchTemplate(key);
    return { version: null, cacheKey: undefined, texts: placedTexts(row.texts).map(sourceText) };
  }
  const template = await getTemplate(sql, tenant, key, version);
  if (template === null) throw noSuchTemplate(key, version);
  const { id, version: chosen, texts } = template;
  return {
    version: chosen,
    cacheKey: `${id}/${chosen}`,
    texts: texts.map(({ channel, locale, content, source, engineVersion: engine }) => ({
      ...{ channel, locale, source: source ?? content },
      published: { content, engine },
    })),
  };
}

export function sourceText({ channel, locale, content: source }: PlacedText): SourceText {
  return { channel, locale, source };
}

/** The text of a channel that a send would choose. @throws ProblemError 422 if there is none. */
export function chosenText(
  key: string,
  { version, texts }: SourceTexts,
  channel: Channel,
  wished: readonly (string | null | undefined)[],
): SourceText {
  const ofChannel = texts.filter((text) => text.channel === channel);
  const locale = resolveLocale(
    ofChannel.map((text) => text.locale),
    wished,
  );
  const text = ofChannel.find((each) => each.locale === locale);
  if (text !== undefined) return text;
  const has = [...new Set(texts.map((each) => each.channel))].join(', ');
  const which = version === null ? 'the draft of' : '';
  const of = version === null ? '' : ` version ${version}`;
  const message = `${which} template "${key}"${of} has no ${channel} text; it has ${has}`.trim();
  throw invalid([{ path: 'channel', message }]);
}

/** Why a text cannot be rendered. @param required what `data` must bring. */
export function notRendered(
  rendering: { code: string; message: string },
  required: readonly string[],
  data: Readonly<Record<string, unknown>>,
): ProblemError {
  const isMissing = rendering.code === 'missing_variables';
  const errors = missingVariables(required, data).map((name) => ({
    path: `data.${name}`,
    message: 'is missing; the template prints it',
  }));
  return new ProblemError(
    isMissing ? 'missing_variables' : 'invalid_request',
    `${rendering.message}. Change data or the template.`,
    {
      errors: isMissing && errors.length > 0 ? errors : [{ path: 'data', message: rendering.message }],
    },
  );
}
