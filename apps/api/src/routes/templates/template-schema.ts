import { isDeepStrictEqual } from 'node:util';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import type { SourceProblem } from '@carillon/core/template/compile/compile';
import { PART_KINDS } from '@carillon/core/template/compile/parts';
import { type DraftTexts, placedTexts, textsByChannel } from '@carillon/core/template/draft';
import { CURRENT_ENGINE } from '@carillon/core/template/syntax/engine-version';
import { type TemplateWarning, WARNING_CODES, warnOfTexts } from '@carillon/core/template/warnings';
import type { FieldError } from '@carillon/core/text/problem';
import type { NewTemplateText, TemplateRow } from '@carillon/db/templates/templates';
import { z } from '@hono/zod-openapi';
import { locale, name, singleLine } from '../../accept/fields.ts';
import { invalid } from '../../middleware/invalid.ts';
import { type CompileContext, compileTexts } from './compile-texts.ts';

const MAX_LOCALES = 50;

/** The key of an existing template: keys that earlier versions accepted are valid too. */
export const templateParams = z.object({
  key: singleLine(255).describe('Your own name of the template: `order_shipped`.'),
});

export const newTemplateParams = z.object({
  key: name(255).describe(
    'Your own name of the template: `order_shipped`. Without white space around it and without invisible characters, in Unicode normal form C. Compared character by character.',
  ),
});

const source = () => z.string().describe('Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`.');
const email = z.strictObject({
  subject: source(),
  text: source().optional(),
  html: source().optional().describe('Liquid; everything that comes from `data` is escaped.'),
  mjml: source()
    .optional()
    .describe(
      'MJML instead of `html`, compiled when it is published. In a layout without `<mjml>` and `<mj-body>`.',
    ),
  layout: singleLine(255)
    .optional()
    .describe(
      'The key of a layout: the text stands where that prints `{{ content }}`, as the layout is when this is published.',
    ),
});
const sms = z.strictObject({ text: source() });
const card = z.strictObject({
  title: source(),
  body: source(),
  url: source().optional().describe('What a tap opens.'),
});

/** A channel's texts by locale. */
function byLocale<Text extends z.ZodType>(text: Text) {
  return z
    .record(z.string(), text)
    .refine((texts) => Object.keys(texts).every((name) => locale().safeParse(name).success), {
      error: 'has a locale that is none; write BCP 47 tags such as en or pt-BR',
    })
    .refine((texts) => Object.keys(texts).length > 0, {
      error: 'has no locale; give at least one, such as "en"',
    })
    .refine((texts) => Object.keys(texts).length <= MAX_LOCALES, {
      error: `has too many locales; at most ${MAX_LOCALES}`,
    })
    .refine(
      (texts) =>
        new Set(Object.keys(texts).map((name) => name.toLowerCase())).size === Object.keys(texts).length,
      {
        error: 'names a locale twice; upper and lower case are the same locale',
      },
    );
}

export const channelsShape = {
  email: byLocale(email).optional(),
  sms: byLocale(sms).optional(),
  push: byLocale(card).optional(),
  in_app: byLocale(card).optional(),
} satisfies Record<Channel, z.ZodType>;

export const channelsSchema = z
  .strictObject(channelsShape)
  .refine((channels) => Object.values(channels).some((texts) => texts !== undefined), {
    error: `names no channel; give at least one of ${CHANNELS.join(', ')}`,
  });

export const putTemplateSchema = z
  .strictObject({
    channels: channelsSchema.describe(
      'By channel, then by locale. Replaces all texts of the version before.',
    ),
  })
  .openapi('PutTemplateRequest', {
    example: {
      channels: {
        email: {
          en: { subject: 'Order {{ order }} is on its way', text: 'Hi {{ name }}, it left today.' },
          de: {
            subject: 'Bestellung {{ order }} ist unterwegs',
            text: 'Hallo {{ name }}, sie ist unterwegs.',
          },
        },
        sms: { en: { text: 'Order {{ order }} is on its way' } },
      },
    },
  });

export const warningSchema = z
  .object({
    code: z.enum(WARNING_CODES),
    path: z.string().describe('The field: `channels.email.en.html`.'),
    message: z.string(),
    line: z.int().nullable().describe('From 1; null if it concerns the whole field.'),
    column: z.int().nullable(),
  })
  .openapi('TemplateWarning');

const usedPartSchema = z
  .object({ kind: z.enum(PART_KINDS), key: z.string(), version: z.int() })
  .openapi('UsedPart');

export const templateSchema = z
  .object({
    key: z.string(),
    version: z.int(),
    published_version: z.int().describe('The version that new notifications get.'),
    channels: z.object(channelsShape),
    required_variables: z
      .array(z.string())
      .describe('What `data` must bring, over all channels and locales: dotted paths.'),
    parts: z
      .array(usedPartSchema)
      .describe('The layouts and partials in this version, as they were when it was published.'),
    warnings: z
      .array(warningSchema)
      .optional()
      .describe('Of what was just published: what people mostly do not want. It prevents nothing.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi('Template');

/** A mistake in a text. */
export interface TextProblem extends FieldError {
  line: number;
  column: number;
}

export interface CheckedTexts {
  /** Those without a mistake. */
  texts: NewTemplateText[];
  problems: TextProblem[];
  warnings: TemplateWarning[];
}

/** Checks every text and makes of it what would be published now. */
export async function checkTexts(ctx: CompileContext, texts: DraftTexts): Promise<CheckedTexts> {
  const placed = placedTexts(texts);
  const results = await compileTexts(ctx, placed);
  const checked: CheckedTexts = { texts: [], problems: [], warnings: [] };
  for (const [i, result] of results.entries()) {
    const { channel, locale, content: source } = placed[i]!;
    if (!result.ok) {
      checked.problems.push(
        ...result.problems.map((problem) => placedProblem(`channels.${channel}.${locale}`, problem)),
      );
      continue;
    }
    const { content, used: parts, required: requiredVariables } = result;
    const isSame = isDeepStrictEqual({ ...content }, { ...source });
    checked.texts.push({
      ...{ channel, locale, content, requiredVariables, parts },
      source: isSame ? null : source,
      engineVersion: CURRENT_ENGINE,
    });
  }
  checked.warnings = warnOfTexts(
    placed.map((text, i) => {
      const result = results[i]!;
      return result.ok ? { ...text, variables: result.variables, compiled: result.content } : text;
    }),
  );
  return checked;
}

/** @param at the path of the text. */
export function placedProblem(at: string, { field, message, line, column }: SourceProblem): TextProblem {
  return { path: `${at}.${field}`, message: `line ${line}, column ${column}: ${message}`, line, column };
}

/**
 * Checks every text, for publishing.
 *
 * @throws ProblemError 422 with every problem: its path in the body, line and column.
 */
export async function checkedTexts(
  ctx: CompileContext,
  texts: DraftTexts,
): Promise<Pick<CheckedTexts, 'texts' | 'warnings'>> {
  const { texts: checked, problems, warnings } = await checkTexts(ctx, texts);
  if (problems.length > 0) throw invalid(problems);
  return { texts: checked, warnings };
}

/** The texts as their authors wrote them. */
export function sourcesOf(row: TemplateRow): DraftTexts {
  return textsByChannel(
    row.texts.map(({ source, content, ...text }) => ({ ...text, content: source ?? content })),
  );
}

export function viewTemplate(row: TemplateRow): z.input<typeof templateSchema> {
  return {
    key: row.key,
    version: row.version,
    published_version: row.publishedVersion,
    // Checked when it was saved: each channel has the fields of its schema.
    channels: sourcesOf(row) as z.input<typeof templateSchema>['channels'],
    required_variables: requiredBy(row.texts),
    parts: partsOf(row.texts),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** What `data` must bring, over all texts. */
export function requiredBy(texts: readonly Pick<NewTemplateText, 'requiredVariables'>[]): string[] {
  return [...new Set(texts.flatMap((text) => text.requiredVariables))].sort();
}

function partsOf(texts: TemplateRow['texts']): z.input<typeof usedPartSchema>[] {
  const used = texts.flatMap(({ parts }) => parts.map(({ kind, key, version }) => ({ kind, key, version })));
  const byName = new Map(used.map((part) => [`${part.kind} ${part.key}`, part]));
  return [...byName.keys()].sort().map((name) => byName.get(name)!);
}

/** The `version` of a query. */
export const versionQuery = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'is not a version; give a whole number from 1')
  .optional()
  .openapi({ type: 'integer', minimum: 1, description: 'Another version than the published one.' });
