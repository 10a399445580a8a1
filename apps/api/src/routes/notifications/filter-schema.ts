import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { STATES } from '@carillon/core/notification/states';
import { MAX_ADDRESS_LENGTH } from '@carillon/core/recipient/address-forms';
import { z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';

/** What selects notifications: the query of the list, and the filter of a bulk action. */
export const filterShape = {
  recipient_id: z.string().min(1).max(255).optional(),
  address: z
    .string()
    .min(1)
    .max(MAX_ADDRESS_LENGTH)
    .optional()
    .describe(
      'E-mail address, phone number, device token or Web Push endpoint, in any spelling (encode a plus sign as %2B). Finds what was sent to it, and everything sent to recipients who have it now. Recipients that were erased are not found by it.',
    ),
  status: oneOrSeveral(STATES).optional().describe('One, or any of several: `dead,failed`.'),
  channel: oneOrSeveral(CHANNELS)
    .optional()
    .describe('The channel that is tried now, or was last; one, or any of several.'),
  priority: oneOrSeveral(PRIORITIES).optional().describe('One, or any of several.'),
  category: z.string().min(1).max(64).optional(),
  campaign_id: z.guid({ error: 'is not a UUID; give the id of a campaign' }).optional(),
  template: z.string().min(1).max(255).optional().describe('The key of its template.'),
  provider: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('The provider account of its last attempt, as in the field of that name.'),
  error: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('The error code of its last attempt, or of the report that failed it: `error.code`.'),
  provider_message_id: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe("The provider's id of any of its attempts."),
  idempotency_key: z.string().min(1).max(255).optional(),
  created_after: time().optional().describe('At this time or later.'),
  created_before: time().optional().describe('Before this time.'),
  send_at_after: time()
    .optional()
    .describe(
      'Only what is scheduled, to be sent at this time or later. The time of sending is `next_attempt_at`: `send_at`, or the end of the quiet hours that hold it.',
    ),
  send_at_before: time().optional().describe('Only what is scheduled, to be sent before this time.'),
};

/** Repeated parameters are refused, so several values are written with commas. */
function oneOrSeveral(values: readonly string[]) {
  const each = `(${values.join('|')})`;
  return z
    .string()
    .regex(
      new RegExp(`^${each}(,${each})*$`),
      `is not one of ${values.join(', ')}, or several of them with commas and no spaces between them`,
    );
}
