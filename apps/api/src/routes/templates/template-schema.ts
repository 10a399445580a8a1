import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import type { Content } from '@carillon/core/notification/message';
import type { ContentCheck } from '@carillon/core/template/syntax/check';
import type { FieldError } from '@carillon/core/text/problem';
import type { TemplateText } from '@carillon/db/templates/put-template';
import type { TemplateRow } from '@carillon/db/templates/templates';
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

const channelsShape = {
  email: byLocale(email).optional(),
  sms: byLocale(sms).optional(),
  push: byLocale(card).optional(),
  in_app: byLocale(card).optional(),
} satisfies Record<Channel, z.ZodType>;

export const putTemplateSchema = z
  .strictObject({
    channels: z
      .strictObject(channelsShape)
      .refine((channels) => Object.values(channels).some((texts) => texts !== undefined), {
        error: `names no channel; give at least one of ${CHANNELS.join(', ')}`,
      })
      .describe('By channel, then by locale. Replaces all texts of the version before.'),
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

/**
 * Checks every text.
 *
 * @param check checks texts in order, on this thread or another.
 * @throws ProblemError 422 with every problem: its path in the body, line and column.
 */
export async function checkedTexts(
  { channels }: z.output<typeof putTemplateSchema>,
  check: (texts: readonly { channel: Channel; content: Content }[]) => Promise<ContentCheck[]>,
): Promise<TemplateText[]> {
  const given = CHANNELS.flatMap((channel) =>
    (Object.entries(channels[channel] ?? {}) as [string, Content][]).map(([locale, content]) => ({
      channel,
      locale,
      content,
    })),
  );
  const errors: (FieldError & { line: number; column: number })[] = [];
  const texts: TemplateText[] = [];
  for (const [i, checked] of (await check(given)).entries()) {
    const { channel, locale, content } = given[i]!;
    if (checked.ok) texts.push({ channel, locale, content, requiredVariables: checked.required });
    else {
      errors.push(
        ...checked.problems.map(({ field, message, line, column }) => ({
          path: `channels.${channel}.${locale}.${field}`,
          message: `line ${line}, column ${column}: ${message}`,
          line,
          column,
        })),
      );
    }
  }
  if (errors.length > 0) throw invalid(errors);
  return texts;
}

export function viewTemplate(row: TemplateRow): z.input<typeof templateSchema> {
  const channels: Partial<Record<Channel, Record<string, Content>>> = {};
  for (const { channel, locale, content } of row.texts) {
    channels[channel] = { ...channels[channel], [locale]: content };
  }
  return {
    key: row.key,
    version: row.version,
    published_version: row.publishedVersion,
    // Checked when it was saved: each channel has the fields of its schema.
    channels: channels as z.input<typeof templateSchema>['channels'],
    required_variables: [...new Set(row.texts.flatMap((text) => text.requiredVariables))].sort(),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** The `version` of a query. */
export const versionQuery = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'is not a version; give a whole number from 1')
  .optional()
  .openapi({ type: 'integer', minimum: 1, description: 'Another version than the published one.' });
