import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import type { Content } from '@carillon/core/notification/message';
import { type DraftTexts, placedTexts, textsByChannel } from '@carillon/core/template/draft';
import type { ContentCheck } from '@carillon/core/template/syntax/check';
import { type TemplateWarning, WARNING_CODES, warnOfTexts } from '@carillon/core/template/warnings';
import type { FieldError } from '@carillon/core/text/problem';

import type { TemplateRow, TemplateText } from '@carillon/db/templates/templates';
import { z } from '@hono/zod-openapi';
import { locale, name, singleLine } from '../../accept/fields.ts';
import { invalid } from '../../middleware/invalid.ts';

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

export const templateSchema = z
  .object({
    key: z.string(),
    version: z.int(),
    published_version: z.int().describe('The version that new notifications get.'),
    channels: z.object(channelsShape),
    required_variables: z
      .array(z.string())
      .describe('What `data` must bring, over all channels and locales: dotted paths.'),
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
  texts: TemplateText[];
  problems: TextProblem[];
  warnings: TemplateWarning[];
}

type Check = (texts: readonly { channel: Channel; content: Content }[]) => Promise<ContentCheck[]>;

/** Checks every text. @param check checks texts in order, on this thread or another. */
export async function checkTexts(texts: DraftTexts, check: Check): Promise<CheckedTexts> {
  const placed = placedTexts(texts);
  const checks = await check(placed);
  const checked: CheckedTexts = { texts: [], problems: [], warnings: [] };
  for (const [i, result] of checks.entries()) {
    const { channel, locale, content } = placed[i]!;
    if (result.ok) checked.texts.push({ channel, locale, content, requiredVariables: result.required });
    else
      checked.problems.push(
        ...result.problems.map(({ field, message, line, column }) => ({
          path: `channels.${channel}.${locale}.${field}`,
          message: `line ${line}, column ${column}: ${message}`,
          line,
          column,
        })),
      );
  }
  checked.warnings = warnOfTexts(placed.map((text, i) => ({ ...text, variables: variablesOf(checks[i]!) })));
  return checked;
}

function variablesOf(check: ContentCheck): readonly string[] | undefined {
  return check.ok ? check.variables : undefined;
}

/**
 * Checks every text, for publishing.
 *
 * @throws ProblemError 422 with every problem: its path in the body, line and column.
 */
export async function checkedTexts(texts: DraftTexts, check: Check): Promise<TemplateText[]> {
  const { texts: checked, problems } = await checkTexts(texts, check);
  if (problems.length > 0) throw invalid(problems);
  return checked;
}

export function viewTemplate(row: TemplateRow): z.input<typeof templateSchema> {
  return {
    key: row.key,
    version: row.version,
    published_version: row.publishedVersion,
    // Checked when it was saved: each channel has the fields of its schema.
    channels: textsByChannel(row.texts) as z.input<typeof templateSchema>['channels'],
    required_variables: [...new Set(row.texts.flatMap((text) => text.requiredVariables))].sort(),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export const warningSchema = z
  .object({
    code: z.enum(WARNING_CODES),
    path: z.string().describe('The field: `channels.email.en.html`.'),
    message: z.string(),
    line: z.int().nullable().describe('From 1; null if it concerns the whole field.'),
    column: z.int().nullable(),
  })
  .openapi('TemplateWarning');

/** The `version` of a query. */
export const versionQuery = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'is not a version; give a whole number from 1')
  .optional()
  .openapi({ type: 'integer', minimum: 1, description: 'Another version than the published one.' });
