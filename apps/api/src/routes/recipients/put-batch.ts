import { ProblemError, problemBody } from '@carillon/core/text/problem';
import type { MergedRecipient } from '@carillon/db/recipients/merge-recipients';
import { putRecipients } from '@carillon/services/recipients/put-many';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { answerJson } from '../../middleware/answer-json.ts';
import { assertScope } from '../../middleware/auth.ts';
import { fieldErrors, invalid } from '../../middleware/invalid.ts';
import { problemsUrl } from '../../middleware/problem.ts';
import { problemResponses, problemSchema } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { itemsOf, MAX_ITEMS } from '../batch-items.ts';
import { newRecipientParams, putRecipientSchema } from './put-schema.ts';

const itemSchema = putRecipientSchema
  .safeExtend({ id: newRecipientParams.shape.recipient_id })
  .openapi('BatchRecipient');

const bodySchema = z
  .strictObject({ recipients: z.array(itemSchema).min(1).max(MAX_ITEMS) })
  .openapi('RecipientBatchRequest', {
    example: { recipients: [{ id: 'user_42', email: 'ada@example.com', attributes: { plan: 'pro' } }] },
  });

const resultSchema = z
  .union([
    z.object({
      index: z.int(),
      status: z.int().describe('The HTTP status of this item: 201 created, 200 changed or already so.'),
      id: z.string(),
      became: z.enum(['created', 'updated', 'unchanged']),
    }),
    z.object({ index: z.int(), status: z.int(), error: problemSchema }),
  ])
  .openapi('RecipientBatchResult');

const SCOPE = 'recipients:*';

const route = createRoute({
  method: 'post',
  path: '/v1/recipients/batch',
  operationId: 'putRecipientBatch',
  summary: 'Create or change up to 1000 recipients',
  description:
    'One result per item, in order. A bad item never fails the others; the good ones are stored together. Each item is treated as a PUT of it: a field that is left out stays, null removes it, an address that was disabled stays disabled. An id that is given more than once is changed in the order of the list. Can be repeated.',
  tags: ['Recipients'],
  'x-scope': SCOPE,
  request: { body: { required: true, content: { 'application/json': { schema: bodySchema } } } },
  responses: {
    207: {
      description: 'Every item was looked at.',
      content: { 'application/json': { schema: z.object({ results: z.array(resultSchema) }) } },
    },
    ...problemResponses('malformed_json', 'too_large', 'unsupported_media_type', 'invalid_request'),
  },
});

export function registerPutRecipientBatch(app: Api, deps: ApiDeps): void {
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/recipients/batch', async (c) => {
    const caller = c.get('caller');
    assertScope(caller, SCOPE);
    const flaws = c.get('itemFlaws');
    const read = itemsOf(c.get('body'), 'recipients').map((item, index) => {
      const flaw = flaws.get(index);
      return flaw ? invalid([flaw]) : readItem(item);
    });
    const recipients = read.filter((item): item is MergedRecipient => !(item instanceof ProblemError));
    const merged = (
      await putRecipients(serviceContext(caller, deps), { tenant: caller, recipients })
    ).values();
    const results = read.map((item, index) => {
      if (item instanceof ProblemError) {
        const error = problemBody(item, problemsUrl(deps.baseUrl()), c.get('requestId'));
        return { index, status: item.status, error };
      }
      const { id, became } = merged.next().value!;
      return { index, status: became === 'created' ? 201 : 200, id, became };
    });
    return answerJson(c, { results }, 207);
  });
}

function readItem(item: unknown): MergedRecipient | ProblemError {
  const parsed = itemSchema.safeParse(item);
  if (!parsed.success) return invalid(fieldErrors(parsed.error, item));
  const { time_zone: timeZone, ...rest } = parsed.data;
  return { ...rest, timeZone };
}
