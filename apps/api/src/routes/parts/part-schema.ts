import { PART_KINDS, type PartKind, type PartTexts } from '@carillon/core/template/compile/parts';
import { MAX_SOURCE_LENGTH } from '@carillon/core/template/render/limits';
import type { PartRow, PartUsers } from '@carillon/db/templates/parts';
import { z } from '@hono/zod-openapi';
import { locale, name, singleLine } from '../../accept/fields.ts';

const MAX_LOCALES = 50;

export const partParams = z.object({ key: singleLine(255).describe('Your own name of it: `base`.') });

export const newPartParams = z.object({
  key: name(255)
    .refine((key) => !/["']/.test(key), {
      error: 'has a quote, which would end it in {% render %}; leave it out',
    })
    .describe(
      'Your own name of it, as templates write it: `base`, `footer`. Compared character by character.',
    ),
});

const source = () => z.string().max(MAX_SOURCE_LENGTH);

const textShape = {
  html: source().optional().describe('Liquid, for e-mails in HTML.'),
  mjml: source().optional().describe('MJML with Liquid, for e-mails in MJML.'),
  text: source()
    .optional()
    .describe('Liquid, for plain texts; of a partial also for subjects and the other channels.'),
};

const textSchema = z.strictObject(textShape);
const HAS_TEXT = { error: 'has no text; give html, mjml or text' };

function hasText({ html, mjml, text }: z.output<typeof textSchema>): boolean {
  return [html, mjml, text].some((each) => each !== undefined);
}

const localesSchema = z
  .record(z.string(), textSchema.refine(hasText, HAS_TEXT))
  .refine((texts) => Object.keys(texts).every((tag) => locale().safeParse(tag).success), {
    error: 'has a locale that is none; write BCP 47 tags such as en or pt-BR',
  })
  .refine((texts) => Object.keys(texts).length <= MAX_LOCALES, {
    error: `has too many locales; at most ${MAX_LOCALES}`,
  })
  .refine(
    (texts) => new Set(Object.keys(texts).map((tag) => tag.toLowerCase())).size === Object.keys(texts).length,
    { error: 'names a locale twice; upper and lower case are the same locale' },
  );

/** What a part may say in a body. */
const bodyShape = {
  ...textShape,
  locales: localesSchema
    .optional()
    .describe(
      'Texts of single locales; they take the place of those for all, by look-up (`de-AT`, then `de`).',
    ),
};

function saysSomething(body: z.output<z.ZodObject<typeof bodyShape>>): boolean {
  return hasText(body) || Object.keys(body.locales ?? {}).length > 0;
}

/** A part in a body that is not stored by it. */
export const namedPartSchema = z
  .strictObject({ kind: z.enum(PART_KINDS), key: newPartParams.shape.key, ...bodyShape })
  .refine(saysSomething, HAS_TEXT);

/** The body of a PUT. */
export function putPartSchema(kind: PartKind) {
  const titled = kind === 'layout' ? 'Layout' : 'Partial';
  const example =
    kind === 'layout'
      ? {
          html: '<html><body>{{ content }}<p>Example Ltd</p></body></html>',
          text: '{{ content }}\n-- \nExample Ltd',
        }
      : { html: '<a href="{{ unsubscribe_url }}">Unsubscribe</a>', text: '{{ unsubscribe_url }}' };
  return z
    .strictObject(bodyShape)
    .refine(saysSomething, HAS_TEXT)
    .openapi(`Put${titled}Request`, { example });
}

export function textsOfPart({ locales, ...text }: z.output<ReturnType<typeof putPartSchema>>): PartTexts {
  const defined = (each: object) =>
    Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined));
  return {
    ...defined(text),
    ...(locales === undefined || Object.keys(locales).length === 0
      ? {}
      : { locales: Object.fromEntries(Object.entries(locales).map(([tag, each]) => [tag, defined(each)])) }),
  };
}

/** The texts of a part in an answer. */
export const partTextsShape = {
  html: z.string().optional(),
  mjml: z.string().optional(),
  text: z.string().optional(),
  locales: z.record(z.string(), textSchema).optional(),
};

export const partSchema = z
  .object({
    key: z.string(),
    version: z.int().describe('Counts its changes, from 1.'),
    ...partTextsShape,
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    updated_by: z.string().describe('`key:<key id>` or `staff:<e-mail>`.'),
    used_by: z
      .object({
        templates: z
          .array(
            z.object({
              key: z.string(),
              version: z.int().describe('The published one.'),
              current: z
                .boolean()
                .describe(
                  'False: it has an earlier text. It is sent so until the template is published again.',
                ),
            }),
          )
          .describe('Templates whose published version has it.'),
        drafts: z.array(z.string()).describe('Templates with a draft that names it.'),
        layouts: z.array(z.string()).describe('Layouts that render it.'),
        partials: z.array(z.string()).describe('Partials that render it.'),
      })
      .describe('While anything is here it cannot be deleted.'),
  })
  .openapi('TemplatePart');

/** What is stored of a part: its entity tag, and `current` of a conflict. */
export function viewPart({ key, version, texts, createdAt, updatedAt, updatedBy }: PartRow) {
  return {
    key,
    version,
    ...texts,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    updated_by: updatedBy,
  };
}

export function withUsers(view: ReturnType<typeof viewPart>, users: PartUsers): z.input<typeof partSchema> {
  const { templates, drafts, parts } = users;
  const ofKind = (wanted: PartKind) => parts.filter(({ kind }) => kind === wanted).map(({ key }) => key);
  return {
    ...view,
    // The type of a stored text has read-only members.
    locales: view.locales as z.input<typeof partSchema>['locales'],
    used_by: { templates, drafts, layouts: ofKind('layout'), partials: ofKind('partial') },
  };
}
