import { IMPORT_ERROR_KINDS, MAX_KEPT_ERRORS, MAX_LISTED_ERRORS } from '@carillon/core/import/errors';
import type { ImportError } from '@carillon/db/imports/read-import-errors';
import type { ImportRow } from '@carillon/db/imports/read-imports';
import { IMPORT_FORMATS, IMPORT_MODES } from '@carillon/db/schema/imports';
import { z } from '@hono/zod-openapi';

export const importErrorSchema = z
  .object({
    line: z.int().describe('Of the file, from 1; where the row begins.'),
    path: z.string().describe('The field; empty for the line as a whole.'),
    message: z.string().describe('With the value as typed, shortened.'),
    kind: z.string().describe(`The class of the error: ${IMPORT_ERROR_KINDS.join(', ')}.`),
  })
  .openapi('ImportError');

export const importSchema = z
  .object({
    import_id: z.uuid(),
    status: z
      .enum(['running', 'interrupted', 'done'])
      .describe('`interrupted`: the upload ended before the file did; go on with `from_line`.'),
    format: z.enum(IMPORT_FORMATS),
    mode: z.enum(IMPORT_MODES),
    dry_run: z.boolean(),
    resubscribe: z.boolean(),
    read: z.int().describe('Rows: the sum of the four below.'),
    created: z.int(),
    updated: z.int(),
    unchanged: z
      .int()
      .describe('Everything that was given was so already, or a later row of the same id replaced the row.'),
    failed: z.int().describe('Rows that were refused; each has an error.'),
    next_line: z
      .int()
      .describe('Lines before it are stored or reported: `from_line` of an upload that goes on.'),
    errors_by_kind: z.record(z.string(), z.int()).describe('All errors, by their class.'),
    errors_url: z
      .string()
      .describe(`All errors that are kept, at most ${MAX_KEPT_ERRORS}, as NDJSON or CSV.`),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .openapi('Import');

export const importResultSchema = importSchema
  .extend({ errors: z.array(importErrorSchema).describe(`By line, the first ${MAX_LISTED_ERRORS}.`) })
  .openapi('ImportResult');

export const importParams = z.object({
  id: z.guid({ error: 'is not the id of an import; it is a UUID' }),
});

export function viewImport(row: ImportRow, baseUrl: string): z.input<typeof importSchema> {
  const { read, created, updated, unchanged, failed } = row;
  const ended = row.finishedAt === null ? 'interrupted' : 'done';
  return {
    import_id: row.id,
    status: row.busySeconds > 0 ? 'running' : ended,
    format: row.format,
    mode: row.mode,
    dry_run: row.dryRun,
    resubscribe: row.resubscribe,
    read,
    created,
    updated,
    unchanged,
    failed,
    next_line: row.position + 1,
    errors_by_kind: row.errorKinds,
    errors_url: `${baseUrl}/v1/imports/${row.id}/errors`,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
  };
}

export function viewImportError({
  line,
  path,
  message,
  kind,
}: ImportError): z.input<typeof importErrorSchema> {
  return { line, path, message, kind };
}
