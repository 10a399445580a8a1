import { CHANNELS } from '@carillon/core/notification/channel';
import { smsSize } from '@carillon/core/provider/sms-segments';
import { resolveLocale } from '@carillon/core/recipient/locale';
import { missingVariables } from '@carillon/core/template/syntax/required-variables';
import { ProblemError } from '@carillon/core/text/problem';
import { smsPrice } from '@carillon/db/attempts/attempt-account';
import { findTimeZones } from '@carillon/db/recipients/people';
import { getTemplate } from '@carillon/db/templates/templates';
import { noSuchTemplate } from '@carillon/services/templates/publish';
import { createRoute, z } from '@hono/zod-openapi';
import { locale } from '../../accept/fields.ts';
import { timeZone } from '../../accept/time-zone.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { templateParams } from './template-schema.ts';

const bodySchema = z
  .strictObject({
    channel: z.enum(CHANNELS),
    locale: locale().optional().describe('Falls back as a send does: its language, `en`, any.'),
    data: z.record(z.string(), z.unknown()).default({}),
    time_zone: timeZone()
      .optional()
      .describe('IANA name: where the person is. Without it the zone of the app, else UTC.'),
    version: z.int().min(1).optional().describe('Another version than the published one.'),
  })
  .openapi('PreviewRequest');

const previewSchema = z
  .object({
    channel: z.enum(CHANNELS),
    locale: z.string().describe('The locale that was chosen.'),
    version: z.int(),
    content: z.object({
      subject: z.string().optional(),
      text: z.string().optional(),
      html: z.string().optional(),
      title: z.string().optional(),
      body: z.string().optional(),
      url: z.string().optional(),
    }),
    sms: z
      .object({
        encoding: z.enum(['gsm7', 'ucs2']),
        units: z.int().describe('Septets or UTF-16 units.'),
        segments: z.int().describe('Messages the network makes of it, each of them billed.'),
        outside_gsm7: z
          .array(z.string())
          .describe('Characters that force UCS-2: replacing them may halve the price.'),
        cost_estimate: z
          .object({ account: z.string(), amount: z.number(), currency: z.string() })
          .nullable()
          .describe(
            'By `price_per_segment` of the SMS account that is tried first; null where none says its price.',
          ),
      })
      .optional()
      .describe('SMS only.'),
  })
  .openapi('Preview');

const route = createRoute({
  method: 'post',
  path: '/v1/templates/{key}/preview',
  operationId: 'previewTemplate',
  summary: 'See what a template makes of some data',
  description: 'Exactly what would be sent. Nothing is stored or sent.',
  tags: ['Templates'],
  ...needs('templates:*'),
  request: {
    params: templateParams,
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'The rendered text.', content: { 'application/json': { schema: previewSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request', 'missing_variables'),
  },
});

export function registerPreviewTemplate(app: Api, { db, baseUrl, templates }: ApiDeps): void {
  const smsView = async (message: string) => {
    const { encoding, units, segments, outsideGsm7 } = smsSize(message);
    const price = await smsPrice(db.sql);
    return {
      encoding,
      units,
      segments,
      outside_gsm7: outsideGsm7,
      cost_estimate: price && {
        account: price.account,
        amount: roundedUp(price.amount * segments),
        currency: price.currency,
      },
    };
  };

  app.openapi(route, async (c) => {
    const { key } = c.req.valid('param');
    const { channel, data, version, locale: wish, time_zone: zone } = c.req.valid('json');
    const template = await getTemplate(db.sql, c.get('caller'), key, version);
    if (template === null) throw noSuchTemplate(key, version);
    const texts = template.texts.filter((text) => text.channel === channel);
    const chosen = resolveLocale(
      texts.map((text) => text.locale),
      [wish],
    );
    const text = texts.find((each) => each.locale === chosen);
    if (text === undefined) {
      const has = [...new Set(template.texts.map((each) => each.channel))].join(', ');
      const message = `template "${key}" version ${template.version} has no ${channel} text; it has ${has}`;
      throw invalid([{ path: 'channel', message }]);
    }
    // A send has its own link, where the category allows unsubscribing.
    const example = { unsubscribe_url: `${baseUrl()}/v1/unsubscribe/preview` };
    const { appId, environment } = c.get('caller');
    const rendering = await templates.render(appId, {
      channel,
      content: text.content,
      data: channel === 'email' ? { ...example, ...data } : data,
      options: {
        locale: text.locale,
        timeZone:
          zone ?? (await findTimeZones(db.sql, [{ appId, environment, recipientId: null }]))[0] ?? 'UTC',
        cacheKey: `${template.id}/${template.version}/${channel}/${text.locale}`,
      },
    });
    if (!rendering.ok) throw refusal(rendering, missingVariables(text.requiredVariables, data));
    const sms = channel === 'sms' ? await smsView(rendering.content.text ?? '') : undefined;
    return c.json(
      {
        channel,
        locale: text.locale,
        version: template.version,
        content: rendering.content,
        ...(sms ? { sms } : {}),
      },
      200,
    );
  });
}

/** Rounded to four decimal places, as segment prices are; floating point has more. */
const roundedUp = (amount: number): number => Math.round(amount * 10_000) / 10_000;

function refusal(rendering: { code: string; message: string }, missing: readonly string[]): ProblemError {
  const isMissing = rendering.code === 'missing_variables';
  const errors = missing.map((name) => ({
    path: `data.${name}`,
    message: 'is missing; the template prints it',
  }));
  return new ProblemError(
    isMissing ? 'missing_variables' : 'invalid_request',
    `${rendering.message}. Change data or the template.`,
    {
      errors: isMissing && errors.length > 0 ? errors : [{ path: 'data', message: rendering.message }],
    },
  );
}
