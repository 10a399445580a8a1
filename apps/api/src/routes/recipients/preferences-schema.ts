import { MAX_CAP_COUNT, MAX_CAP_WINDOW_SECONDS, MAX_CAPS } from '@carillon/core/notification/caps';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { categoryName } from '@carillon/core/provider/visible-text';
import { wantsCategory } from '@carillon/core/recipient/preferences';
import type { PreferencesRow } from '@carillon/db/preferences/preferences';
import { z } from '@hono/zod-openapi';
import { category, name } from '../../accept/fields.ts';
import { timeZone } from '../../accept/time-zone.ts';

const MAX_CATEGORIES = 200;

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

export const putPreferencesSchema = z
  .strictObject({
    channels: z.strictObject(onOff(z.boolean().optional())).optional().describe('Left out or true: wanted.'),
    categories: z
      .record(name(64), z.boolean())
      .check((context) => {
        const twice = namedTwice(Object.keys(context.value));
        if (twice !== undefined)
          context.issues.push({
            code: 'custom',
            message: `names the category ${JSON.stringify(twice)} twice, in two cases; give it once`,
            input: context.value,
          });
      })
      .transform(byCategory)
      .refine((categories) => Object.keys(categories).length <= MAX_CATEGORIES, {
        error: `names too many categories; at most ${MAX_CATEGORIES}. Leave out those that are wanted`,
      })
      .optional()
      .describe('Left out or true: wanted. Names in any case: `Marketing` is `marketing`.'),
    quiet_hours: quietHoursSchema.nullable().optional(),
    caps: z.array(capSchema).max(MAX_CAPS).optional(),
  })
  .describe('A field that is left out stays as it is; a value replaces it whole; null ends quiet hours.')
  .openapi('PutPreferencesRequest');

export const preferencesSchema = z
  .object({
    recipient_id: z.string(),
    channels: z.object(onOff(z.boolean())),
    categories: z.record(z.string(), z.boolean()).describe('Those that were named; all others are wanted.'),
    quiet_hours: quietHoursSchema.nullable(),
    caps: z.array(capSchema),
    updated_at: z.iso.datetime().nullable().describe('Null: the person never said anything.'),
  })
  .openapi('Preferences');

/** An opt-out in any spelling of a category counts; earlier versions stored the spellings separately. */
function byCategory(categories: Readonly<Record<string, boolean>>): Record<string, boolean> {
  return Object.fromEntries(
    Object.keys(categories).map((given) => [categoryName(given), wantsCategory(categories, given)]),
  );
}

function namedTwice(given: readonly string[]): string | undefined {
  const names = given.map(categoryName);
  return names.find((each, index) => names.indexOf(each) < index);
}

export function viewPreferences(
  recipientId: string,
  { channels, categories, quiet_hours, caps, updatedAt }: PreferencesRow,
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
    updated_at: updatedAt?.toISOString() ?? null,
  };
}
