import type { BulkRow } from '@carillon/db/bulk/read-bulk-actions';
import { BULK_ACTIONS, BULK_STATES } from '@carillon/db/schema/bulk';
import { SKIP_REASONS } from '@carillon/services/bulk/move';
import { z } from '@hono/zod-openapi';

export const bulkSchema = z
  .object({
    id: z.uuid(),
    action: z.enum(BULK_ACTIONS),
    filter: z.record(z.string(), z.string()).describe('As it was given; without an address once it is over.'),
    send_at: z.string().nullable(),
    accept_duplicate_risk: z.boolean(),
    dry_run: z.boolean(),
    rate_per_second: z.int(),
    status: z.enum(BULK_STATES),
    matched: z.int().describe('How many matched when it was requested.'),
    matched_is_complete: z
      .boolean()
      .describe('False if there are more than `matched`: counting all of them took too long.'),
    done: z.int().describe('How many were moved.'),
    skipped: z.record(z.string(), z.int()).describe(
      `How many were left as they are, by reason. ${Object.entries(SKIP_REASONS)
        .map(([reason, words]) => `\`${reason}\`: ${words}`)
        .join(' ')}`,
    ),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .openapi('BulkAction');

export const bulkParams = z.object({
  id: z.guid({ error: 'is not the id of a bulk action; it is a UUID' }),
});

export function viewBulk(row: BulkRow): z.output<typeof bulkSchema> {
  return {
    id: row.id,
    action: row.action,
    filter: { ...row.filter },
    send_at: row.sendAt?.toISOString() ?? null,
    accept_duplicate_risk: row.acceptDuplicateRisk,
    dry_run: row.dryRun,
    rate_per_second: row.ratePerSecond,
    status: row.state,
    matched: row.matched,
    matched_is_complete: row.matchedCompletely,
    done: row.done,
    skipped: row.skipped,
    created_at: row.createdAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
  };
}
