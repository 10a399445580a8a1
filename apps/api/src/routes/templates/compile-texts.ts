import { isDeepStrictEqual } from 'node:util';
import type { Content } from '@carillon/core/notification/message';
import {
  type Compiled,
  type CompileTools,
  compileText,
  type SourceProblem,
} from '@carillon/core/template/compile/compile';
import {
  namedParts,
  type Part,
  partId,
  placedPartTexts,
  type UsedPart,
} from '@carillon/core/template/compile/parts';
import { type PlacedText, partsNamedBy, textsByChannel } from '@carillon/core/template/draft';
import type { Tenant } from '@carillon/db/connection/tenant';
import { gatherParts } from '@carillon/services/templates/gather-parts';
import type { Context } from 'hono';
import type { Sql } from 'postgres';
import type { ApiDeps, ApiEnv } from '../../deps.ts';
import { outsideDeadline } from '../../middleware/deadline.ts';
import type { TemplateWork } from '../../template-work.ts';

export interface CompileContext {
  templates: TemplateWork;
  sql: Sql;
  tenant: Tenant;
  tools: CompileTools;
  /** Takes the place of the stored layout or partial of its name. */
  unsaved?: Part;
}

/** For one request. The first MJML of a process loads its compiler, which takes seconds on a busy machine. */
export function compileContext(c: Context<ApiEnv>, { templates, db }: ApiDeps): CompileContext {
  const tenant = c.get('caller');
  const { mjml, plainText } = templates.tools(tenant.appId);
  return {
    ...{ templates, sql: db.sql, tenant },
    tools: {
      mjml: (source, locale) => outsideDeadline(c, mjml(source, locale)),
      plainText: (html) => outsideDeadline(c, plainText(html)),
    },
  };
}

export type CompiledText =
  | {
      ok: true;
      /** What is rendered. */
      content: Content;
      used: UsedPart[];
      isTextDerived: boolean;
      variables: string[];
      required: string[];
    }
  | { ok: false; problems: SourceProblem[] };

/**
 * Checks texts as their authors wrote them, puts layouts and partials in as they are now, compiles MJML, derives plain texts,
 * and checks the whole.
 *
 * @returns one result for each, in order. Problems name the place in the source.
 * @throws ProblemError `unavailable` while too much work waits.
 */
export async function compileTexts(
  { templates, sql, tenant, tools, unsaved }: CompileContext,
  placed: readonly PlacedText[],
): Promise<CompiledText[]> {
  const { appId } = tenant;
  const sources = await templates.check(appId, placed.map(checkable));
  const names = partsNamedBy(textsByChannel(placed));
  const parts = await gatherParts(sql, tenant, [...names, ...(unsaved ? namesIn(unsaved) : [])]);
  if (unsaved) parts.set(partId(unsaved), unsaved);
  const results: CompiledText[] = [];
  for (const [i, text] of placed.entries()) {
    const check = sources[i]!;
    if (!check.ok) {
      const isMjml = text.content.mjml !== undefined;
      const problems = check.problems.map((problem) =>
        isMjml && problem.field === 'html' ? { ...problem, field: 'mjml' as const } : problem,
      );
      results.push({ ok: false, problems });
      continue;
    }
    const compiled = await compileText(text, parts, tools);
    results.push(compiled.ok ? await checkedWhole(compiled, text, check) : compiled);
  }
  return results;

  async function checkedWhole(
    { content, used, isTextDerived, locate }: Compiled & { ok: true },
    { channel, content: source }: PlacedText,
    ofSource: { variables: string[]; required: string[] },
  ): Promise<CompiledText> {
    const shared = { ok: true, content, used, isTextDerived } as const;
    const { variables, required } = ofSource;
    if (isDeepStrictEqual({ ...content }, { ...source })) return { ...shared, variables, required };
    const [check] = await templates.check(appId, [{ channel, content }], 'compiled');
    if (!check!.ok) return { ok: false, problems: check!.problems.map(locate) };
    return { ...shared, variables: check!.variables, required: check!.required };
  }
}

function namesIn({ texts }: Part) {
  return namedParts(placedPartTexts(texts).flatMap(({ text }) => Object.values(text) as string[]));
}

/** A source in the fields that are rendered: MJML is checked as the HTML that it becomes. */
function checkable({ channel, content: { layout: _, mjml, ...content } }: PlacedText): Pick<
  PlacedText,
  'channel'
> & {
  content: Content;
} {
  return {
    channel,
    content: mjml === undefined || content.html !== undefined ? content : { ...content, html: mjml },
  };
}
