import { MAX_CAP_COUNT, MAX_CAP_WINDOW_SECONDS, MAX_CAPS } from '@carillon/core/notification/caps';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { byCategory, MAX_CATEGORIES, namedTwice } from '@carillon/core/recipient/category-wishes';
import type { Wishes } from '@carillon/core/recipient/preferences';
import type { PreferencesRow } from '@carillon/db/preferences/preferences';
import { z } from '@hono/zod-openapi';
import { category, name, time } from '../../accept/fields.ts';
import { timeZone } from '../../accept/time-zone.ts';

const MAX_PAUSE_DAYS = 366;
const MAX_PAUSE_MS = MAX_PAUSE_DAYS * 86_400_000;

const onOff = <Part extends z.ZodType>(part: Part) =>
  Object.fromEntries(CHANNELS.map((channel) => [channel, part])) as Record<Channel, Part>;

function clockTime() {
  return z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day; give HH:MM from 00:00 to 23:59')
    .openapi({ example: '22:00' });
}

const quietHoursSchema = z
  .strictObject({
    start: clockTime(),
    end: clockTime().describe('Before `start`: on the next day.'),
    time_zone: timeZone().describe('IANA name: where the person lives.'),
  })
  .refine(({ start, end }) => start !== end, {
    path: ['end'],
    error: 'is the start too, which leaves no quiet hours; give null for none, or opt out of the channels',
  })
  .describe('Nothing but critical messages is sent in these hours; what comes in them waits for their end.')
  .openapi('QuietHours');

const capSchema = z
  .strictObject({
    channel: z.enum(CHANNELS).optional().describe('Left out: any.'),
    category: category().optional().describe('Left out: any.'),
    max: z.int().min(1).max(MAX_CAP_COUNT),
    window_seconds: z.int().min(1).max(MAX_CAP_WINDOW_SECONDS).describe('At most 31 days.'),
  })
  .describe('At most `max` notifications in any `window_seconds`; what is beyond that is skipped.')
  .openapi('Cap');

const wishSchema = z
  .union([z.boolean(), z.strictObject(onOff(z.boolean().optional()))], {
    error: 'is neither true nor false, nor an object of these by channel (email, sms, push, in_app)',
  })
  .openapi('CategoryWish');

export const putPreferencesSchema = z
  .strictObject({
    channels: z.strictObject(onOff(z.boolean().optional())).optional().describe('Left out or true: wanted.'),
    categories: z
      .record(name(64), wishSchema)
      .check((context) => {
        const twice = namedTwice(Object.keys(context.value));
        if (twice !== undefined)
          context.issues.push({
            code: 'custom',
            message: `names the category ${JSON.stringify(twice)} twice, in two cases; give it once`,
            input: context.value,
          });
      })
      .transform((categories) => byCategory(categories as Wishes))
      .refine((categories) => Object.keys(categories).length <= MAX_CATEGORIES, {
        error: `names too many categories; at most ${MAX_CATEGORIES}. Leave out those that are wanted`,
      })
      .optional()
      .describe(
        'By category: on every channel, or by channel (`{ "sms": false }`); what is left out is as its channel and the default of the category say. Names in any case: `Marketing` is `marketing`.',
      ),
    quiet_hours: quietHoursSchema.nullable().optional(),
    caps: z.array(capSchema).max(MAX_CAPS).optional(),
    paused_until: time()
      .refine((time) => Date.parse(time) <= Date.now() + MAX_PAUSE_MS, {
        error: `is more than ${MAX_PAUSE_DAYS} days ahead; give an earlier time, or switch off the channels`,
      })
      .nullable()
      .optional()
      .describe(
        'Until then nothing but critical messages is sent; what comes meanwhile waits for the end. At most 366 days ahead; a time that has passed pauses nothing.',
      ),
  })
  .describe(
    'A field that is left out stays as it is; a value replaces it whole; null ends quiet hours, and a pause.',
  )
  .openapi('PutPreferencesRequest');

export const preferencesSchema = z
  .object({
    recipient_id: z.string(),
    channels: z.object(onOff(z.boolean())),
    categories: z
      .record(z.string(), wishSchema)
      .describe('Those that were named; all others are as their defaults say.'),
    quiet_hours: quietHoursSchema.nullable(),
    caps: z.array(capSchema),
    paused_until: z.iso.datetime().nullable(),
    updated_at: z.iso.datetime().nullable().describe('Null: the person never said anything.'),
  })
  .openapi('Preferences');

export function viewPreferences(
  recipientId: string,
  { channels, categories, quiet_hours, caps, paused_until, updatedAt }: PreferencesRow,
): z.input<typeof preferencesSchema> {
  return {
    recipient_id: recipientId,
    channels: Object.fromEntries(CHANNELS.map((channel) => [channel, channels[channel] !== false])) as Record<
      Channel,
      boolean
    >,
    categories: byCategory(categories),
    quiet_hours: quiet_hours && { ...quiet_hours },
    caps: caps.map((cap) => ({ ...cap })),
    paused_until: paused_until && new Date(paused_until).toISOString(),
    updated_at: updatedAt?.toISOString() ?? null,
  };
}
