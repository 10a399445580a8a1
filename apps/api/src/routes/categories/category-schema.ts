import { DELIVERY_POLICIES } from '@carillon/core/notification/delivery-policy';
import type { CategoryRow } from '@carillon/db/preferences/categories';
import { z } from '@hono/zod-openapi';
import { category, locale, visibleLine } from '../../accept/fields.ts';

export const categoryParams = z.object({
  name: category().describe(
    'As sends name it: `security`, `billing`. In any case: kept in lower case. `*` holds for all that have no settings of their own, and for sends without a category.',
  ),
});

const DAY_SECONDS = 86_400;

const deliveryPolicy = z
  .enum(DELIVERY_POLICIES)
  .describe(
    'What decides when it is unknown whether a message was sent and no evidence tells. `resolve` waits for evidence until a deadline; then critical ones are sent again, the others wait for a person. `at_least_once` sends again after the deadline. `at_most_once` never sends again what may have arrived. `ask` leaves it to a person.',
  );

const unsubscribable = z
  .boolean()
  .describe(
    'People may opt out of it: its e-mails carry List-Unsubscribe headers, and it is on their preference page.',
  );
const trackOpens = z.boolean().describe('E-mail: a pixel tells of opens.');
const trackClicks = z.boolean().describe('E-mail: rewritten links tell of clicks.');
const secret = z
  .boolean()
  .describe(
    'For one-time passwords and the like: content, data and attachments of its messages are removed as soon as they are final (`sent`, `failed`, `dead` ...), within seconds. Such a message can no longer be retried.',
  );

const MAX_LOCALES = 50;

/** What people see, by locale. */
function texts(max: number) {
  return z
    .record(z.string(), visibleLine(max))
    .refine((given) => Object.keys(given).every((tag) => locale().safeParse(tag).success), {
      error: 'has a locale that is none; write BCP 47 tags such as en or pt-BR',
    })
    .refine((given) => Object.keys(given).length <= MAX_LOCALES, {
      error: `has too many locales; at most ${MAX_LOCALES}`,
    })
    .refine(
      (given) =>
        new Set(Object.keys(given).map((tag) => tag.toLowerCase())).size === Object.keys(given).length,
      { error: 'names a locale twice; upper and lower case are the same locale' },
    );
}

const titles = texts(100).describe(
  'What people read on their preference page, by locale: `{ "en": "Special offers" }`. Without one they see the name.',
);
const descriptions = texts(500).describe('A sentence below the title, by locale.');
const byDefault = z
  .boolean()
  .describe(
    'Whether recipients who said nothing about it get it. `false`: they have to opt in. Messages to a bare address are sent in any case.',
  );
const lock = z
  .boolean()
  .describe(
    'Nobody can opt out of it: what a recipient says about it does not count. An opt-out of a channel does.',
  );

export const putCategorySchema = z
  .strictObject({
    delivery_policy: deliveryPolicy,
    resolve_within_seconds: z
      .int()
      .min(1)
      .max(DAY_SECONDS)
      .nullish()
      .describe('How long evidence is waited for. Left out or null: the default of the priority.'),
    backoff_seconds: z
      .array(z.int().min(1).max(DAY_SECONDS))
      .min(1)
      .max(20)
      .nullish()
      .describe(
        'Waits before the 2nd, 3rd ... try (+-20 %); there is one try more than waits. Left out or null: the schedule of the priority.',
      ),
    unsubscribable: unsubscribable.default(false),
    track_opens: trackOpens.default(false),
    track_clicks: trackClicks.default(false),
    secret: secret.default(false),
    titles: titles.default({}),
    descriptions: descriptions.default({}),
    default: byDefault.default(true),
    lock: lock.default(false),
  })
  .refine(({ lock, unsubscribable }) => !(lock && unsubscribable), {
    path: ['lock'],
    error:
      'is mutually exclusive with unsubscribable: a link in its e-mails would not work; give one of the two',
  })
  .refine(({ lock, default: on }) => !lock || on, {
    path: ['default'],
    error: 'is mutually exclusive with lock: nobody could get it; leave default out, or lock',
  })
  .openapi('PutCategoryRequest', {
    example: {
      delivery_policy: 'at_most_once',
      resolve_within_seconds: 900,
      backoff_seconds: [5, 30, 120],
      unsubscribable: true,
      titles: { en: 'Special offers', de: 'Angebote' },
      descriptions: { en: 'At most two a month.', de: 'Höchstens zwei im Monat.' },
    },
  });

export const categorySchema = z
  .object({
    name: z.string(),
    delivery_policy: deliveryPolicy,
    resolve_within_seconds: z.int().nullable().describe('Null: the default of the priority.'),
    backoff_seconds: z.array(z.int()).nullable().describe('Null: the schedule of the priority.'),
    unsubscribable,
    track_opens: trackOpens,
    track_clicks: trackClicks,
    secret,
    titles: z.record(z.string(), z.string()),
    descriptions: z.record(z.string(), z.string()),
    default: byDefault,
    lock,
    updated_at: z.iso.datetime(),
  })
  .openapi('Category');

export function viewCategory(row: CategoryRow): z.input<typeof categorySchema> {
  return {
    name: row.name,
    delivery_policy: row.deliveryPolicy,
    resolve_within_seconds: row.resolveWithinSeconds,
    backoff_seconds: row.backoffSeconds === null ? null : [...row.backoffSeconds],
    unsubscribable: row.unsubscribable,
    track_opens: row.trackOpens,
    track_clicks: row.trackClicks,
    secret: row.secret,
    titles: { ...row.titles },
    descriptions: { ...row.descriptions },
    default: row.defaultOn,
    lock: row.locked,
    updated_at: row.updatedAt.toISOString(),
  };
}
