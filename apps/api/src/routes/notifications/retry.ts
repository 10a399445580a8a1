import { viewMoved } from '@carillon/services/notifications/moved';
import { retryNotification } from '@carillon/services/notifications/retry';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { assertScope, needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { movedSchema } from './moved-view.ts';
import { notificationParams, requireId } from './notification-id.ts';

const bodySchema = z
  .strictObject({
    accept_duplicate_risk: z
      .boolean()
      .optional()
      .describe(
        'What is in doubt, or ended with its last call in doubt, may have arrived; true says that it may arrive twice.',
      ),
  })
  .openapi('RetryRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/{id}/retry',
  operationId: 'retryNotification',
  summary: 'Send a dead, failed or in-doubt notification again',
  description:
    'Starts a new cycle of attempts with the same id, template version and data. What may have arrived already (it is `in_doubt`, or it is `dead` or `failed` and its last attempt is in doubt) needs `accept_duplicate_risk`. What is of a secret category cannot be retried once its texts went.',
  tags: ['Notifications'],
  ...needs('notifications:work'),
  request: {
    params: notificationParams,
    body: { required: false, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'It is on its way again.', content: { 'application/json': { schema: movedSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerRetryNotification(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const tenant = c.get('caller');
    const acceptRisk = c.req.valid('json')?.accept_duplicate_risk === true;
    if (acceptRisk) assertScope(tenant, 'doubts:settle');
    const moved = await retryNotification(serviceContext(tenant, deps), { tenant, id, acceptRisk });
    return c.json(viewMoved(id, moved), 200);
  });
}
