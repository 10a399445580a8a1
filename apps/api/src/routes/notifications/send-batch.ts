import { type FieldError, type Problem, ProblemError, problemBody } from '@carillon/core/text/problem';
import type { Verdict } from '@carillon/services/notifications/accept-store';
import type { Submission } from '@carillon/services/notifications/accept-submission';
import { createRoute, z } from '@hono/zod-openapi';
import { prepare } from '../../accept/prepare.ts';
import { acceptedShape, sendSchema } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { answerJson } from '../../middleware/answer-json.ts';
import { assertScope } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemsUrl, toProblem } from '../../middleware/problem.ts';
import { problemResponses, problemSchema } from '../../openapi/problem-schema.ts';
import { itemsOf, MAX_ITEMS } from '../batch-items.ts';

const batchSchema = z
  .strictObject({ notifications: z.array(sendSchema).min(1).max(MAX_ITEMS) })
  .openapi('BatchRequest');

export const batchResultSchema = z
  .union([
    z.object({
      ...acceptedShape,
      index: z.int(),
      status: z.literal(202).describe('The HTTP status of this item.'),
      state: z.enum(['pending', 'scheduled']),
      replayed: z.boolean().describe('Whether an earlier, equal request had stored it.'),
    }),
    z.object({ index: z.int(), status: z.int(), error: problemSchema }),
  ])
  .openapi('BatchResult');

const SCOPE = 'notifications:write';

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/batch',
  operationId: 'sendNotificationBatch',
  summary: 'Send up to 1000 notifications',
  description:
    'One result per item, in order. A bad item never fails the others. Idempotency keys stand in the items; the Idempotency-Key header is refused.',
  tags: ['Notifications'],
  'x-scope': SCOPE,
  request: { body: { required: true, content: { 'application/json': { schema: batchSchema } } } },
  responses: {
    207: {
      description: 'Every item was looked at.',
      content: { 'application/json': { schema: z.object({ results: z.array(batchResultSchema) }) } },
    },
    ...problemResponses('malformed_json', 'too_large', 'unsupported_media_type', 'invalid_request'),
  },
});

export type BatchResult =
  | {
      index: number;
      status: 202;
      id: string;
      notification_id: string;
      state: 'pending' | 'scheduled';
      idempotency_key: string;
      created_at: string;
      replayed: boolean;
    }
  | { index: number; status: number; error: Problem };

export function registerSendBatch(app: Api, { accept, clock, config, baseUrl }: ApiDeps): void {
  const { WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/notifications/batch', async (c) => {
    const caller = c.get('caller');
    assertScope(caller, SCOPE);
    if (c.req.header('idempotency-key') !== undefined) {
      throw invalid([
        {
          path: 'Idempotency-Key',
          message: 'the header is for single sends; put idempotency_key into each item',
        },
      ]);
    }
    const items = itemsOf(c.get('body'), 'notifications');
    const flaws = c.get('itemFlaws');
    const now = clock.now();
    const prepared = items.map((item, index) =>
      prepareItem(flaws.get(index), () => prepare(item, caller, now, { allowPrivate })),
    );
    const verdicts = await accept(
      prepared.filter((item): item is Submission => !(item instanceof ProblemError)),
    );
    if (verdicts.length > 0 && verdicts.every(isUnavailable)) throw verdicts[0];

    let next = 0;
    const requestId = c.get('requestId');
    const results = prepared.map((item, index): BatchResult => {
      const verdict = item instanceof ProblemError ? item : verdicts[next++]!;
      return batchResult(index, verdict, problemsUrl(baseUrl()), requestId);
    });
    return answerJson(c, { results }, 207);
  });
}

/** The result of one item. @param docsUrl the page that lists all codes. */
export function batchResult(
  index: number,
  verdict: Verdict,
  docsUrl: string,
  requestId: string,
): BatchResult {
  if (verdict instanceof ProblemError)
    return { index, status: verdict.status, error: problemBody(verdict, docsUrl, requestId) };
  const { id, notification_id, status: state, idempotency_key, created_at } = verdict.accepted;
  return {
    index,
    status: 202,
    id,
    notification_id,
    state,
    idempotency_key,
    created_at,
    replayed: verdict.replayed,
  };
}

/** @param flaw what the body middleware found in this item. */
function prepareItem(flaw: FieldError | undefined, prepared: () => Submission): Submission | ProblemError {
  try {
    if (flaw) throw invalid([flaw]);
    return prepared();
  } catch (error) {
    return toProblem(error);
  }
}

function isUnavailable(verdict: Verdict): boolean {
  return verdict instanceof ProblemError && verdict.code === 'unavailable';
}
