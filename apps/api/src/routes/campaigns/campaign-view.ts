import type { CampaignCounts } from '@carillon/core/campaign/counts';
import { campaignCounts, NOT_MADE_REASONS } from '@carillon/core/campaign/counts';
import { CAMPAIGN_STATES } from '@carillon/core/campaign/states';
import { verdictOf } from '@carillon/core/campaign/verdict';
import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import type { CampaignRow } from '@carillon/db/campaigns/campaigns';
import { z } from '@hono/zod-openapi';
import type { CampaignProgress } from '../../campaigns/board.ts';

/** What the counts of variants know; opens and clicks are not counted by campaign. */
const COUNTED_METRICS = ['delivered', 'failed'] as const;

const count = () => z.int();

/** The same of a variant and of the whole. */
const made = {
  made: count().describe('Notifications; each recipient has one at most.'),
  open: count().describe('Not over: in_progress + scheduled + retrying + in_doubt.'),
  in_progress: count(),
  scheduled: count().describe('Held by quiet hours or a pause of the recipient.'),
  retrying: count(),
  in_doubt: count(),
  sent: count(),
  delivered: count(),
  failed: count(),
  dead: count(),
  suppressed: count(),
  skipped: count().describe('Not wanted: opted out, or a cap of the recipient.'),
  cancelled: count(),
  expired: count(),
};

export const countsSchema = z
  .object({
    planned: count().describe('The frozen audience: remaining + made + the sum of not_made.'),
    remaining: count().describe('Not looked at yet.'),
    not_made: z
      .partialRecord(z.enum(NOT_MADE_REASONS), count())
      .describe('Recipients who get nothing, by reason.'),
    ...made,
  })
  .describe('Exact at one moment: planned = remaining + made + not_made, and made = open + the final states.')
  .openapi('CampaignCounts');

const variantSchema = z
  .object({
    key: z.string(),
    template: z.string(),
    weight: z.int(),
    counts: z.object(made),
  })
  .openapi('CampaignVariant');

const intervalSchema = z.object({ low: z.number(), high: z.number() }).describe('At 95 %.');

const verdictSchema = z
  .object({
    metric: z.enum(COUNTED_METRICS),
    verdict: z.enum(['not_enough_data', 'decided']),
    best: z.string().nullable().describe('The variant that is better than each other one.'),
    comparison: z
      .object({
        first: z.string(),
        second: z.string(),
        difference: intervalSchema,
        z: z.number(),
        p: z.number(),
      })
      .nullable()
      .describe('Of the two best.'),
    arms: z.array(
      z.object({
        key: z.string(),
        count: z.int(),
        of: z.int(),
        share: z.number().nullable(),
        interval: intervalSchema.nullable(),
      }),
    ),
    text: z.string(),
  })
  .openapi('CampaignVerdict');

export const campaignSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z.enum(CAMPAIGN_STATES),
    reason: z.string().nullable().describe('Why it was paused or has failed.'),
    template: z.string().nullable(),
    route: z.array(z.enum(CHANNELS)),
    category: z.string().nullable(),
    priority: z.enum(PRIORITIES),
    audience: z
      .object({
        filter: z.record(z.string(), z.unknown()).optional(),
        audience: z.string().optional(),
        recipient_ids: z.array(z.string()).optional(),
      })
      .nullable(),
    data: z.record(z.string(), z.unknown()),
    variables: z.record(z.string(), z.string()),
    events: z.enum(['problems', 'all']),
    throttle_per_minute: z.int().nullable(),
    expires_at: z.iso.datetime().nullable(),
    variants: z.array(variantSchema),
    verdicts: z
      .array(verdictSchema)
      .describe('Which variant is better, as far as can be said; empty without two variants.'),
    holdout_percent: z.number(),
    schedule: z
      .object({
        send_at: z.string().nullable(),
        in_recipient_time_zone: z.boolean(),
        late: z.enum(['now', 'next_day', 'skip']),
      })
      .nullable()
      .describe('As it was scheduled last; null if it never was.'),
    content: z
      .array(z.object({ variant: z.string(), template: z.string(), version: z.int() }))
      .nullable()
      .describe('The template versions that it sends; pinned when it was scheduled.'),
    starts_at: z.iso.datetime().nullable().describe('When its launch begins.'),
    version: z.int().describe('Rises with every change by a person.'),
    needs_approval: z
      .boolean()
      .describe('Its app asks that another person than its authors approves it before it is scheduled.'),
    approved_by: z.string().nullable().describe('Who approved exactly this version; null if nobody did.'),
    counts: countsSchema,
    rate_per_minute: z
      .int()
      .nullable()
      .describe('At which its messages end now; null while it does not run.'),
    ends_at: z.iso
      .datetime()
      .nullable()
      .describe('When it will be done at this rate; null where that is unknown.'),
    created_by: z.string(),
    updated_by: z
      .string()
      .nullable()
      .describe(
        '`key:<key id>` or `staff:<e-mail>` that changed its content, audience or schedule last; null if that was before this was noted.',
      ),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
  })
  .openapi('Campaign');

export type CampaignView = z.input<typeof campaignSchema>;

/** What people write of a campaign: what its entity tag is of. Its counts change all the time. */
export function viewPlan(row: CampaignRow) {
  const { definition, schedule } = row;
  return {
    id: row.id,
    name: row.name,
    template: definition.template ?? null,
    route: definition.route,
    category: definition.category ?? null,
    priority: definition.priority,
    audience: (definition.audience as CampaignView['audience']) ?? null,
    data: definition.data,
    variables: definition.variables,
    events: definition.events,
    throttle_per_minute: row.throttlePerMinute,
    expires_at: iso(row.expiresAt),
    variants: definition.variants,
    holdout_percent: definition.holdout_percent,
    schedule:
      schedule === null
        ? null
        : {
            send_at: schedule.send_at ?? null,
            in_recipient_time_zone: schedule.in_recipient_time_zone,
            late: schedule.late,
          },
    version: row.version,
  };
}

export function viewCampaign(row: CampaignRow, progress: CampaignProgress): CampaignView {
  const { counts, ratePerMinute, endsAt } = progress;
  return {
    ...viewPlan(row),
    state: row.state,
    reason: row.reason,
    variants: row.definition.variants.map((variant, n) => ({
      ...variant,
      counts: madeOf(counts.variants.get(n + 1) ?? NONE),
    })),
    verdicts: verdictsOf(row, counts.variants),
    content: row.content?.map(({ key, template, version }) => ({ variant: key, template, version })) ?? null,
    starts_at: iso(row.startsAt),
    needs_approval: row.needsApproval,
    approved_by: row.approvedVersion === row.version ? row.approvedBy : null,
    counts: counts.whole,
    rate_per_minute: ratePerMinute,
    ends_at: iso(endsAt),
    created_by: row.createdBy,
    updated_by: row.updatedBy,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    started_at: iso(row.startedAt),
    ended_at: iso(row.endedAt),
  };
}

function verdictsOf(
  { definition }: CampaignRow,
  counts: ReadonlyMap<number, CampaignCounts>,
): CampaignView['verdicts'] {
  const { variants } = definition;
  if (variants.length < 2) return [];
  const arms = variants.map(({ key }, n) => {
    const { sent, delivered, failed, dead } = counts.get(n + 1) ?? NONE;
    const tried = sent + delivered + failed + dead;
    return { key, tried, delivered, failed: failed + dead, opened: 0, clicked: 0 };
  });
  return verdictOf(arms).flatMap(({ metric, ...verdict }) =>
    metric === 'delivered' || metric === 'failed' ? [{ metric, ...verdict }] : [],
  );
}

/** Who is left out is not counted by variant. */
function madeOf({ planned, remaining, not_made, ...counts }: CampaignCounts) {
  return counts;
}

const NONE = campaignCounts({}, {});

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
