import type { DraftTexts } from '@carillon/core/template/draft';
import type { DraftRow } from '@carillon/db/templates/drafts';
import { z } from '@hono/zod-openapi';
import { type CheckedTexts, channelsSchema, channelsShape, warningSchema } from './template-schema.ts';

export const putDraftSchema = z
  .strictObject({
    channels: channelsSchema.describe('By channel, then by locale. Replaces all texts of the draft.'),
    based_on: z
      .int()
      .min(0)
      .max(999_999_999)
      .optional()
      .describe(
        'The published version that these texts take into account; 0 if none was. Left out: as before, or the published one.',
      ),
  })
  .openapi('PutTemplateDraftRequest', {
    example: {
      channels: {
        email: { en: { subject: 'Order {{ order }} is on its way', text: 'Hi {{ name }}, it left today.' } },
      },
    },
  });

const problemSchema = z
  .object({
    path: z.string().describe('The field: `channels.email.en.subject`.'),
    message: z.string(),
    line: z.int().describe('From 1.'),
    column: z.int(),
  })
  .openapi('TemplateProblem');

export const draftSchema = z
  .object({
    key: z.string(),
    saved: z.boolean().describe('False: there is no draft, and these are the published texts.'),
    based_on: z
      .int()
      .describe(
        'The version that was published when it was begun. If it is less than `published_version` somebody published meanwhile.',
      ),
    published_version: z.int().describe('0 if none is.'),
    channels: z.object(channelsShape),
    updated_at: z.iso.datetime().nullable(),
    updated_by: z.string().nullable().describe('`key:<key id>` or `staff:<e-mail>`.'),
    required_variables: z.array(z.string()).describe('Of the texts without a mistake.'),
    problems: z.array(problemSchema).describe('Mistakes: with one of these it cannot be published.'),
    warnings: z.array(warningSchema).describe('What people mostly do not want; it prevents nothing.'),
  })
  .openapi('TemplateDraft');

/** What is stored of a draft: its entity tag, and `current` of a conflict. */
export function viewDraft(row: DraftRow) {
  return {
    key: row.key,
    saved: row.saved,
    based_on: row.basedOn,
    published_version: row.publishedVersion,
    // Checked when it was saved: each channel has the fields of its schema.
    channels: row.texts as z.input<typeof draftSchema>['channels'],
    updated_at: row.updatedAt?.toISOString() ?? null,
    updated_by: row.updatedBy,
  };
}

export function withFindings(
  view: ReturnType<typeof viewDraft>,
  { texts, problems, warnings }: CheckedTexts,
): z.input<typeof draftSchema> {
  const required = new Set(texts.flatMap(({ requiredVariables }) => requiredVariables));
  return { ...view, required_variables: [...required].sort(), problems, warnings };
}

/** The channels of a body, without those that are undefined. */
export function textsOf({ channels }: Pick<z.output<typeof putDraftSchema>, 'channels'>): DraftTexts {
  return Object.fromEntries(
    Object.entries(channels).filter(([, texts]) => texts !== undefined),
  ) as DraftTexts;
}
