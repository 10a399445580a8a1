import { isTraced } from '@carillon/core/program/traces';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Api, ApiDeps, ApiEnv } from './deps.ts';
import { authenticate } from './middleware/auth.ts';
import { jsonBody } from './middleware/body.ts';
import { allowListedOrigins } from './middleware/cors.ts';
import { requestDeadline } from './middleware/deadline.ts';
import { invalidRequest } from './middleware/invalid.ts';
import { createKeyCache } from './middleware/key-cache.ts';
import { refuseUnknown } from './middleware/known-parameters.ts';
import { logRequests } from './middleware/log-requests.ts';
import { maskAddresses } from './middleware/mask-addresses.ts';
import { measure } from './middleware/measure.ts';
import { answerProblems } from './middleware/problem.ts';
import { limitRecipients, rateLimit } from './middleware/rate-limit.ts';
import { authenticateRecipient } from './middleware/recipient-auth.ts';
import { requestId } from './middleware/request-id.ts';
import { requestStrings } from './middleware/request-strings.ts';
import { createStaffAuth } from './middleware/staff-auth.ts';
import { createStrangerLimit, limitStrangers } from './middleware/stranger-limit.ts';
import { traceRequests } from './middleware/trace-requests.ts';
import { registerComponents } from './openapi/document.ts';
import { registerDocs } from './openapi/register-docs.ts';
import { registerEvents } from './openapi/register-events.ts';
import { INBOX_SCRIPT, registerInboxScript } from './openapi/register-inbox-script.ts';
import { registerRecipientRoutes } from './routes/inbox/register-inbox.ts';
import { registerPublicRoutes } from './routes/register-public-routes.ts';
import { registerRoutes } from './routes/register-routes.ts';

/**
 * The HTTP API: it answers requests and writes rows to PostgreSQL. It never calls a provider, and no request waits for
 * Redis. Tests call `app.request(...)`; main.ts binds it to a port.
 */
export function createApp(deps: ApiDeps): Api {
  const app: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error, 'data' in result ? result.data : undefined);
    },
  });
  const strangers = createStrangerLimit(deps.config.STRANGER_RATE_PER_SECOND, deps.config.TRUSTED_PROXIES);
  const recipientAuth = authenticateRecipient(
    deps.db.sql,
    deps.config.ENCRYPTION_KEYS,
    deps.clock,
    strangers,
  );
  if (isTraced()) app.use(traceRequests());
  app.use(requestId(), measure(deps.metrics), requestDeadline(deps.deadlineMs), requestStrings());
  registerPublicRoutes(app, deps, strangers);
  const unknown = refuseUnknown(app);
  for (const path of ['/v1/inbox', '/v1/inbox/*', '/v1/my/*'])
    app.use(
      path,
      allowListedOrigins(deps.db.sql, strangers),
      recipientAuth,
      limitRecipients(),
      unknown.parameters,
      jsonBody(),
      unknown.body,
    );
  registerRecipientRoutes(app, deps);
  app.use(
    '/v1/*',
    logRequests(app, deps),
    authenticate(
      createKeyCache(deps.db.sql, deps.clock),
      createStaffAuth(deps.db.sql, deps.config.ENCRYPTION_KEYS, deps.clock),
      strangers,
      deps.clock,
      deps.config.RATE_LIMIT_PER_SECOND,
    ),
    maskAddresses(),
    rateLimit(deps.limiter),
    unknown.parameters,
    jsonBody(),
    unknown.body,
  );
  for (const path of ['/docs', '/docs/*', '/openapi.json', INBOX_SCRIPT])
    app.use(path, limitStrangers(strangers));
  registerComponents(app);
  registerEvents(app);
  registerRoutes(app, deps);
  registerDocs(app, deps.baseUrl);
  registerInboxScript(app);
  answerProblems(app, deps);
  return app;
}
