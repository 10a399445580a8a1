import type { CampaignSchedule } from '@carillon/core/campaign/campaign';
import { LATE_RULES } from '@carillon/core/campaign/schedule';
import { z } from '@hono/zod-openapi';

export const scheduleSchema = z
  .strictObject({
    send_at: z
      .string()
      .max(100)
      .optional()
      .describe(
        'When to send, RFC 3339; at most a year ahead. Left out: now. With `in_recipient_time_zone` a date and time without a zone: `2030-12-24T09:00:00`.',
      ),
    in_recipient_time_zone: z
      .boolean()
      .default(false)
      .describe(
        'At this time on each recipient’s clock; recipients without a time zone have that of the app.',
      ),
    late: z
      .enum(LATE_RULES)
      .default('now')
      .describe(
        'For recipients whose local time has passed when it starts: now, on the next day, or not at all.',
      ),
    review_id: z
      .string()
      .max(64)
      .optional()
      .describe('The `id` of the review that was looked at: another one is refused (`stale_review`).'),
  })
  .openapi('ScheduleCampaignRequest', {
    example: { send_at: '2030-12-24T09:00:00', in_recipient_time_zone: true, late: 'skip' },
  });

/** A local time is kept without an offset: that does not count. */
export function scheduleOf({
  send_at: sendAt,
  in_recipient_time_zone: isLocal = false,
  late = 'now',
}: z.input<typeof scheduleSchema>): CampaignSchedule {
  const rest = { in_recipient_time_zone: isLocal, late };
  if (sendAt === undefined) return rest;
  return { ...rest, send_at: isLocal ? sendAt.replace(/(?:[Zz]|[+-]\d\d:\d\d)$/, '') : sendAt };
}
