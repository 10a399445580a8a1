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
  status: z.enum(STATES).optional(),
  channel: z.enum(CHANNELS).optional().describe('The channel that is tried now, or was last.'),
  priority: z.enum(PRIORITIES).optional(),
  category: z.string().min(1).max(64).optional(),
  campaign_id: z.guid({ error: 'is not a UUID; give the id of a campaign' }).optional(),
  created_after: time().optional().describe('At this time or later.'),
  created_before: time().optional().describe('Before this time.'),
};
