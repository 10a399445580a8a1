import { hash } from 'node:crypto';
import { dataOfRecipient, withOwnData } from '@carillon/core/campaign/variables';
import { type CampaignRow, getCampaign } from '@carillon/db/campaigns/campaigns';
import { readPeople } from '@carillon/db/campaigns/read-people';
import { assertComplete } from '@carillon/services/campaigns/check-definition';
import { noSuchCampaign } from '@carillon/services/campaigns/no-such-campaign';
import { refusedField } from '@carillon/services/context';
import type { Verdict } from '@carillon/services/notifications/accept-store';
import { sendTemplateTest } from '@carillon/services/templates/send-test';
import { createRoute, z } from '@hono/zod-openapi';
import { locale, name } from '../../accept/fields.ts';
import { prepare } from '../../accept/prepare.ts';
import { sendSchema } from '../../accept/send-schema.ts';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { assertScope, needs } from '../../middleware/auth.ts';
import { problemsUrl, toProblem } from '../../middleware/problem.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { idempotencyKeyHeader } from '../idempotency-header.ts';
import { batchResult, batchResultSchema } from '../notifications/send-batch.ts';
import { sourceTexts } from '../templates/chosen-text.ts';
import { compileContext } from '../templates/compile-texts.ts';
import { channelsOf, type To, testMessage } from '../templates/test-message.ts';
import { campaignParams } from './campaign-schema.ts';

const MAX_RECIPIENTS = 10;

const bodySchema = z
  .strictObject({
    recipients: z
      .array(sendSchema.shape.to)
      .min(1)
      .max(MAX_RECIPIENTS)
      .describe('Who gets it: recipients or addresses, as `to` of a send.'),
    variant: name(64).optional().describe('The key of a variant; else the first one.'),
    locale: locale().optional().describe('Without it the one of the recipient, else `en`, else any.'),
    data: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Template variables, for addresses without a recipient; these count first.'),
  })
  .openapi('TestCampaignRequest', { example: { recipients: [{ recipient_id: 'user_42' }] } });

const route = createRoute({
  method: 'post',
  path: '/v1/campaigns/{id}/test',
  operationId: 'testCampaign',
  summary: 'Send a campaign to yourself',
  description:
    'Real messages, marked `[TEST]`, as these recipients would get them now: with the data of the campaign and their own variables, from the published template, else its draft. They count nowhere. One result per recipient, in order; a bad one never fails the others. Needs the scopes `campaigns:*` and `notifications:write`.',
  tags: ['Campaigns'],
  ...needs('campaigns:*'),
  request: {
    params: campaignParams,
    headers: z.object(idempotencyKeyHeader),
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    207: {
      description: 'Every recipient was looked at.',
      content: { 'application/json': { schema: z.object({ results: z.array(batchResultSchema) }) } },
    },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerTestCampaign(app: Api, deps: ApiDeps): void {
  const { db, clock, metrics, baseUrl } = deps;
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertScope(caller, 'notifications:write');
    const { id } = c.req.valid('param');
    const body = c.req.valid('json');
    const campaign = await getCampaign(db.sql, caller, id);
    if (campaign === null) throw noSuchCampaign(id);
    const { definition } = campaign;
    // A test needs no audience.
    assertComplete({ ...definition, audience: definition.audience ?? {} });
    const key = templateOf(campaign, body.variant);
    const source = await sourceTexts(db.sql, caller, key, { version: undefined, draft: false }).catch(() =>
      sourceTexts(db.sql, caller, key, { version: undefined, draft: true }),
    );
    const channels = definition.route.filter((channel) => channelsOf(source).includes(channel));
    const headerKey = c.req.valid('header')['idempotency-key'];
    const ctx = serviceContext(caller, deps);
    const verdicts: Verdict[] = [];
    for (const [index, to] of body.recipients.entries()) {
      const sent = async (): Promise<Verdict> => {
        const own = withOwnData(await valuesOf(caller, to, campaign), body.data ?? {});
        const data = withOwnData(definition.data, own);
        const of = { key, source, channels, locale: body.locale, data };
        const message = await testMessage(deps, compileContext(c, deps), caller, to, of);
        const options = headerKey === undefined ? {} : { headerKey: keyOf(id, headerKey, index) };
        const submission = prepare(message, caller, clock.now(), options);
        return sendTemplateTest(ctx, { key, version: source.version ?? 'draft', submission, metrics });
      };
      verdicts.push(await sent().catch((error: unknown) => toProblem(error)));
    }
    const requestId = c.get('requestId');
    const results = verdicts.map((verdict, index) =>
      batchResult(index, verdict, problemsUrl(baseUrl()), requestId),
    );
    return c.json({ results: results as z.input<typeof batchResultSchema>[] }, 207);
  });

  /** The variables that a recipient has, as the campaign maps them. */
  async function valuesOf(caller: Caller, to: To, { definition }: CampaignRow) {
    const { recipient_id: id } = to;
    if (id === undefined) return {};
    const people = await readPeople(db.sql, caller, [id], definition.variables);
    const values = people.get(id)?.values ?? {};
    return dataOfRecipient(values);
  }
}

function templateOf({ definition }: CampaignRow, variant: string | undefined): string {
  const { variants, template } = definition;
  if (variant === undefined) return variants[0]?.template ?? template!;
  const found = variants.find(({ key }) => key === variant);
  if (found !== undefined) return found.template;
  const has = variants.map(({ key }) => key).join(', ') || 'none';
  throw refusedField('variant', `the campaign has no variant ${JSON.stringify(variant)}; it has ${has}`);
}

/** One key per recipient. */
function keyOf(id: string, headerKey: string, index: number): string {
  return `campaign-test_${hash('sha256', JSON.stringify([id, headerKey, index]), 'hex')}`;
}
