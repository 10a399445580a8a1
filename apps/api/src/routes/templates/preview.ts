import { CHANNELS } from '@carillon/core/notification/channel';
import { smsSize } from '@carillon/core/provider/sms-segments';
import { DEFAULT_LOCALE } from '@carillon/core/recipient/locale';
import type { SourceContent } from '@carillon/core/template/draft';
import { MAX_SOURCE_LENGTH } from '@carillon/core/template/render/limits';
import {
  type TemplateWarning,
  warnOfData,
  warnOfNoWayOut,
  warnOfRendered,
  warnOfSource,
} from '@carillon/core/template/warnings';
import { ProblemError } from '@carillon/core/text/problem';
import { smsPrice } from '@carillon/db/attempts/attempt-account';
import { getCategory } from '@carillon/db/preferences/categories';
import { findPersonal, findReachableRecipients } from '@carillon/db/recipients/people';
import { createRoute, z } from '@hono/zod-openapi';
import type { Sql } from 'postgres';
import { category, locale, name } from '../../accept/fields.ts';
import { timeZone } from '../../accept/time-zone.ts';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { checkPart } from '../parts/check-part.ts';
import { namedPartSchema, textsOfPart } from '../parts/part-schema.ts';
import {
  chosenText,
  notRendered,
  renderable,
  type SourceText,
  type SourceTexts,
  sourceTexts,
} from './chosen-text.ts';
import { type CompileContext, compileContext } from './compile-texts.ts';
import { templateParams, warningSchema } from './template-schema.ts';

const source = z.string().max(MAX_SOURCE_LENGTH);
const content = z
  .strictObject({
    subject: source.optional(),
    text: source.optional(),
    html: source.optional(),
    mjml: source.optional(),
    layout: name(255).optional(),
    title: source.optional(),
    body: source.optional(),
    url: source.optional(),
  })
  .describe('A text that is not stored, in Liquid, instead of one of the template.');

const bodySchema = z
  .strictObject({
    channel: z.enum(CHANNELS),
    locale: locale().optional().describe('Falls back as a send does: its language, `en`, any.'),
    data: z.record(z.string(), z.unknown()).default({}),
    time_zone: timeZone()
      .optional()
      .describe(
        'IANA name: where the person is. Without it the zone of the recipient, of the app, else UTC.',
      ),
    version: z.int().min(1).optional().describe('Another version than the published one.'),
    draft: z.boolean().optional().describe('The draft instead; the published texts if there is none.'),
    content: content.optional(),
    part: namedPartSchema
      .optional()
      .describe(
        'A layout or partial that is not stored, in the place of the stored one of its name: with `draft` or `content`, which have the parts of now.',
      ),
    recipient_id: name(255)
      .optional()
      .describe('As for this recipient: their locale and time zone, unless given.'),
    category: category()
      .optional()
      .describe('As in this category: with an unsubscribe link if people may opt out of it.'),
  })
  .openapi('PreviewRequest', {
    example: { channel: 'email', locale: 'de-AT', data: { order: 'A-17', name: 'Ada' } },
  });

const previewSchema = z
  .object({
    channel: z.enum(CHANNELS),
    locale: z.string().describe('The locale that was chosen.'),
    version: z.int().nullable().describe('Null for a draft and for `content`.'),
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
    html_bytes: z.int().optional().describe('E-mail with HTML only: its size as UTF-8.'),
    warnings: z.array(warningSchema).describe('What people mostly do not want; it prevents nothing.'),
  })
  .openapi('Preview');

const route = createRoute({
  method: 'post',
  path: '/v1/templates/{key}/preview',
  operationId: 'previewTemplate',
  summary: 'See what a template makes of some data',
  description:
    'Exactly what would be sent. Nothing is stored or sent. With `content` the template need not exist: what somebody is writing is rendered as it is, and a mistake is answered 422 with its line and column. Give one of `version`, `draft` and `content`, or none.',
  tags: ['Templates'],
  ...needs('templates:read'),
  request: {
    params: templateParams,
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'The rendered text.', content: { 'application/json': { schema: previewSchema } } },
    ...problemResponses(
      'malformed_json',
      'not_found',
      'invalid_request',
      'missing_variables',
      'unknown_recipient',
    ),
  },
});

export function registerPreviewTemplate(app: Api, deps: ApiDeps): void {
  const { db, baseUrl, templates } = deps;
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
    const caller = c.get('caller');
    const { key } = c.req.valid('param');
    const body = c.req.valid('json');
    const { channel, data } = body;
    assertOneSource(body);
    const ctx = await contextOf(compileContext(c, deps), body);
    const person = await personOf(db.sql, caller, body.recipient_id);
    const [source, text] = await textOf(db.sql, caller, key, body, person?.locale);
    const at = body.content === undefined ? `channels.${channel}.${text.locale}` : 'content';
    const made = await renderable(ctx, text, at);
    const wayOut = await wayOutOf(db.sql, caller, body.category);
    // A send has its own link, where the category allows unsubscribing.
    const example = {
      ...(wayOut === 'none' ? {} : { unsubscribe_url: `${baseUrl()}/v1/unsubscribe/preview` }),
      preferences_url: `${baseUrl()}/v1/preferences/preview`,
    };
    const { appId, environment } = caller;
    const [personal] = await findPersonal(db.sql, [{ appId, environment, recipientId: person?.id ?? null }]);
    const rendering = await templates.render(appId, {
      channel,
      content: made.content,
      data: channel === 'email' ? { ...example, ...data } : data,
      options: {
        locale: text.locale,
        engine: made.engine,
        timeZone: body.time_zone ?? personal!.timeZone ?? 'UTC',
        ...formatOf(personal!.locale),
        ...(source.cacheKey === undefined
          ? {}
          : { cacheKey: `${source.cacheKey}/${channel}/${text.locale}` }),
      },
    });
    if (!rendering.ok) throw notRendered(rendering, made.use?.required ?? [], data);
    const { content } = rendering;
    const variables = made.use?.variables ?? [];
    const sms = channel === 'sms' ? await smsView(content.text ?? '') : undefined;
    return c.json(
      {
        channel,
        locale: text.locale,
        version: source.version,
        content,
        ...(sms ? { sms } : {}),
        ...(content.html === undefined ? {} : { html_bytes: Buffer.byteLength(content.html) }),
        warnings: distinct([
          ...warnOfSource(channel, text.source, at, made.content),
          ...warnOfRendered(channel, content, at),
          ...warnOfData(variables, data, at),
          ...(channel === 'email' && wayOut === 'wanted' && !variables.includes('unsubscribe_url')
            ? [warnOfNoWayOut(at, body.category!)]
            : []),
        ]),
      },
      200,
    );
  });
}

type Body = z.output<typeof bodySchema>;

/** With the part that is not stored, checked. */
async function contextOf(ctx: CompileContext, { part }: Body): Promise<CompileContext> {
  if (part === undefined) return ctx;
  const { kind, key, ...body } = part;
  const texts = textsOfPart(body);
  await checkPart(ctx, { kind, key }, texts, 'part.');
  return { ...ctx, unsaved: { kind, key, texts, version: 0, hash: '' } };
}

function assertOneSource({ version, draft, content, part }: Body): void {
  if (part !== undefined && content === undefined && !draft)
    throw invalid([
      { path: 'part', message: 'goes with draft or content: a published text keeps the parts that it has' },
    ]);
  const given = Object.entries({ version, draft: draft || undefined, content })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (given.length > 1)
    throw invalid([
      { path: given[1]!, message: `is mutually exclusive with ${given[0]}; give one of the two` },
    ]);
}

async function personOf(
  sql: Sql,
  { appId, environment }: Caller,
  id: string | undefined,
): Promise<{ id: string; locale: string | null } | null> {
  if (id === undefined) return null;
  const [person] = await findReachableRecipients(sql, [{ app_id: appId, environment, id }]);
  if (person) return person;
  const message = `there is no recipient "${id}" in ${environment}; PUT it first, or leave recipient_id out`;
  throw new ProblemError('unknown_recipient', `recipient_id: ${message}.`, {
    errors: [{ path: 'recipient_id', message }],
  });
}

async function textOf(
  sql: Sql,
  caller: Caller,
  key: string,
  { channel, content, version, draft = false, locale: wish }: Body,
  personal: string | null | undefined,
): Promise<[SourceTexts, SourceText]> {
  if (content !== undefined) {
    const locale = wish ?? personal ?? DEFAULT_LOCALE;
    const text = { channel, locale, source: content as SourceContent };
    return [{ version: null, cacheKey: undefined, texts: [text] }, text];
  }
  const source = await sourceTexts(sql, caller, key, { version, draft });
  return [source, chosenText(key, source, channel, [wish, personal])];
}

/** Whether e-mails of the category have an unsubscribe link; without a category the preview shows one. */
async function wayOutOf(
  sql: Sql,
  caller: Caller,
  name: string | undefined,
): Promise<'example' | 'wanted' | 'none'> {
  if (name === undefined) return 'example';
  const row = (await getCategory(sql, caller, name)) ?? (await getCategory(sql, caller, '*'));
  return row?.unsubscribable ? 'wanted' : 'none';
}

function formatOf(locale: string | null): { formatLocale?: string } {
  return locale === null ? {} : { formatLocale: locale };
}

/** The source and its rendering may show the same. */
function distinct(warnings: readonly TemplateWarning[]): TemplateWarning[] {
  const byCode = new Map(
    warnings.map((each) => [`${each.code} ${each.path} ${each.line} ${each.column}`, each]),
  );
  return [...byCode.values()];
}

/** Rounded to four decimal places, as segment prices are; floating point has more. */
const roundedUp = (amount: number): number => Math.round(amount * 10_000) / 10_000;
