import { OpenAPIHono } from '@hono/zod-openapi';
import type { Api, ApiDeps, ApiEnv } from './deps.ts';
import { authenticate } from './middleware/auth.ts';
import { jsonBody } from './middleware/body.ts';
import { invalidRequest } from './middleware/invalid.ts';
import { createKeyCache } from './middleware/key-cache.ts';
import { measure } from './middleware/measure.ts';
import { answerProblems } from './middleware/problem.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestId } from './middleware/request-id.ts';
import { registerComponents } from './openapi/document.ts';
import { registerDocs } from './openapi/register-docs.ts';
import { registerEvents } from './openapi/register-events.ts';
import { registerPublicRoutes } from './routes/register-public-routes.ts';
import { registerRoutes } from './routes/register-routes.ts';

/**
 * The HTTP API: what comes in is a request, what goes out is an answer and rows in PostgreSQL. It never calls a
 * provider, and nothing on its way waits for Redis. Tests call `app.request(...)`; main.ts puts it on a port.
 */
export function createApp(deps: ApiDeps): Api {
  const app: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error, 'data' in result ? result.data : undefined);
    },
  });
  app.use(requestId(), measure(deps.metrics));
  registerPublicRoutes(app, deps);
  app.use(
    '/v1/*',
    authenticate(createKeyCache(deps.db.sql), deps.config.RATE_LIMIT_PER_SECOND),
    rateLimit(deps.limiter),
    jsonBody(),
  );
  registerComponents(app);
  registerEvents(app);
  registerRoutes(app, deps);
  registerDocs(app, deps.baseUrl);
  answerProblems(app, deps);
  return app;
}
