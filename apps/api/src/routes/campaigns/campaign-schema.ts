import { fieldOf } from '@carillon/core/audience/filter';
import type { CampaignAudience, CampaignDefinition } from '@carillon/core/campaign/campaign';
import { MAX_HOLDOUT_PERCENT, MAX_VARIANT_WEIGHT, MAX_VARIANTS } from '@carillon/core/campaign/variant';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import type { FieldError } from '@carillon/core/text/problem';
import type { CampaignRow } from '@carillon/db/campaigns/campaigns';
import type { CampaignFields } from '@carillon/db/campaigns/change-campaigns';
import { z } from '@hono/zod-openapi';
import { category, name, time, visibleLine } from '../../accept/fields.ts';
import type { Caller } from '../../deps.ts';
import { invalid } from '../../middleware/invalid.ts';
import { checkedFilter, filterField } from '../audiences/audience-schema.ts';
import { idempotencyKey } from '../idempotency-header.ts';

/** Ids of recipients that a campaign may name itself; longer lists are audiences. */
const MAX_RECIPIENTS = 10_000;
const MAX_VARIABLES = 100;
const MAX_THROTTLE = 10_000_000;

export const campaignParams = z.object({
  id: z.guid({ error: 'is not the id of a campaign; it is a UUID' }),
});

const audienceField = z
  .strictObject({
    filter: filterField.optional(),
    audience: name(100).optional().describe('The key of a saved audience.'),
    recipient_ids: z
      .array(name(255))
      .min(1)
      .max(MAX_RECIPIENTS)
      .optional()
      .describe('Exactly these; longer lists are saved audiences.'),
  })
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
    error: 'is not one of filter, audience and recipient_ids; give exactly one of them',
  })
  .describe('Whom it is for. Frozen when it starts: who joins later gets nothing, and nobody gets it twice.');

const variantField = z.strictObject({
  key: name(64).describe('Its name in counts.'),
  template: name(255),
  weight: z
    .int()
    .min(1)
    .max(MAX_VARIANT_WEIGHT)
    .default(1)
    .describe('Its share, relative to those of the others.'),
});

const variablePath = z
  .string()
  .max(512)
  .refine((path) => isPath(path), {
    error:
      'is nothing that recipients have; give id, locale, time_zone or attributes.<name>, with dots for what lies deeper',
  });

function isPath(path: string): boolean {
  if (path === 'id' || path === 'locale' || path === 'time_zone') return true;
  return !path.includes('\\') && fieldOf(path)?.kind === 'attribute';
}

const fields = {
  name: visibleLine(200).describe('For people.'),
  template: name(255)
    .nullable()
    .describe('The key of the template that everybody gets, unless there are variants.'),
  channel: z.enum(CHANNELS).describe('One channel. Give this or `route`.'),
  route: z.array(z.enum(CHANNELS)).max(CHANNELS.length).describe('Channels in fallback order.'),
  category: category()
    .nullable()
    .describe('What it is about. With e-mail in the route people must be able to opt out of it.'),
  priority: z
    .enum(['normal', 'bulk'])
    .describe('`bulk` lets everything else pass. Campaigns are never critical.'),
  audience: audienceField.nullable(),
  data: z.record(z.string(), z.unknown()).describe('Template variables that everybody shares.'),
  variables: z
    .record(
      z
        .string()
        .regex(
          /^[A-Za-z_][\w-]{0,63}(\.[A-Za-z_][\w-]{0,63}){0,7}$/,
          'is not the name of a template variable',
        ),
      variablePath,
    )
    .refine((map) => Object.keys(map).length <= MAX_VARIABLES, {
      error: `has more than ${MAX_VARIABLES} members`,
    })
    .describe(
      'Template variables from each recipient: `{ "name": "attributes.first_name" }`. Also `id`, `locale` and `time_zone`.',
    ),
  events: z
    .enum(['problems', 'all'])
    .describe(
      'Which of its messages are announced to webhook endpoints: those that failed, or all. `campaign.*` events always are.',
    ),
  throttle_per_minute: z
    .int()
    .min(1)
    .max(MAX_THROTTLE)
    .nullable()
    .describe('Messages a minute at most; may be changed while it runs. Null: as fast as possible.'),
  expires_at: time().nullable().describe('What is not sent by then is not sent at all.'),
  variants: z
    .array(variantField)
    .max(MAX_VARIANTS)
    .refine((variants) => new Set(variants.map(({ key }) => key)).size === variants.length, {
      error: 'has two variants of the same key; each needs one of its own',
    })
    .describe('Texts to compare. Each recipient gets one, by a hash of campaign and recipient.'),
  holdout_percent: z
    .int()
    .min(0)
    .max(MAX_HOLDOUT_PERCENT)
    .describe('The share of the audience that gets nothing, for comparison.'),
};

const EXAMPLE = {
  name: 'Spring sale',
  template: 'spring-sale',
  route: ['push', 'in_app'],
  category: 'offers',
  audience: { filter: { field: 'attributes.plan', op: 'eq', value: 'pro' } },
  variables: { name: 'attributes.first_name' },
  throttle_per_minute: 60_000,
};

export const createCampaignSchema = z
  .strictObject({
    ...fields,
    idempotency_key: idempotencyKey()
      .optional()
      .describe('An equal request with the same key gets the campaign that the first one created.'),
  })
  .partial()
  .required({ name: true })
  .openapi('CreateCampaignRequest', { example: EXAMPLE });

export const patchCampaignSchema = z
  .strictObject(fields)
  .partial()
  .openapi('PatchCampaignRequest', { example: { throttle_per_minute: 30_000 } });

export type CampaignBody = z.output<typeof patchCampaignSchema>;

const EMPTY: CampaignDefinition = {
  route: [],
  priority: 'bulk',
  data: {},
  variables: {},
  events: 'problems',
  variants: [],
  holdout_percent: 0,
};

/**
 * What a campaign is after a request: what the body names replaces what was there, null takes it away.
 *
 * @throws ProblemError 422 for members that do not go together, and for each fault of a filter.
 */
export function fieldsOf(
  caller: Caller,
  body: CampaignBody,
  before: Pick<CampaignRow, keyof CampaignFields> | null,
): CampaignFields {
  const errors: FieldError[] = [];
  if (body.channel !== undefined && body.route !== undefined)
    errors.push({ path: 'route', message: 'is mutually exclusive with channel; give one of the two' });
  if (new Set(body.route).size !== (body.route?.length ?? 0))
    errors.push({ path: 'route', message: 'has a channel twice; name each once' });
  if (errors.length > 0) throw invalid(errors);
  const old = before?.definition ?? EMPTY;
  const route: Channel[] = body.route ?? (body.channel === undefined ? old.route : [body.channel]);
  const { audience } = body;
  const definition: CampaignDefinition = {
    ...kept('template', body.template, old.template),
    route,
    ...kept('category', body.category, old.category),
    priority: body.priority ?? old.priority,
    ...kept('audience', audience && withFilter(caller, audience), old.audience),
    data: body.data ?? old.data,
    variables: body.variables ?? old.variables,
    events: body.events ?? old.events,
    variants: body.variants ?? old.variants,
    holdout_percent: body.holdout_percent ?? old.holdout_percent,
  };
  const { throttle_per_minute: throttle, expires_at: expiresAt } = body;
  return {
    name: body.name ?? before?.name ?? '',
    definition,
    throttlePerMinute: throttle === undefined ? (before?.throttlePerMinute ?? null) : throttle,
    expiresAt:
      expiresAt === undefined ? (before?.expiresAt ?? null) : expiresAt === null ? null : new Date(expiresAt),
  };
}

/** Filters are stored as they were read: addresses in canonical form. */
function withFilter(caller: Caller, audience: NonNullable<CampaignBody['audience']>): CampaignAudience {
  if (audience.filter !== undefined)
    return { filter: checkedFilter(caller, audience.filter, 'audience.filter') };
  if (audience.recipient_ids !== undefined) return { recipient_ids: audience.recipient_ids };
  return { audience: audience.audience! };
}

function kept<Name extends string, Value>(
  name: Name,
  given: Value | null | undefined,
  old: Value | undefined,
): Partial<Record<Name, Value>> {
  const value = given === undefined ? old : given;
  return (value === undefined || value === null ? {} : { [name]: value }) as Partial<Record<Name, Value>>;
}
