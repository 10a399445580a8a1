import type { Environment } from '@carillon/core/environment';
import type { Log } from '@carillon/core/log';
import type { Priority } from '@carillon/core/priority';
import type { Database } from '@carillon/db/client';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Accept } from './accept/accept.ts';
import type { ApiConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimiter } from './middleware/rate-limit.ts';

/** What every route is given. Routes never open connections, read the environment or keep state of their own. */
export interface ApiDeps {
  config: ApiConfig;
  /** `sql` for hot statements (db/queries), `orm` for ordinary ones. */
  db: Pick<Database, 'sql' | 'orm'>;
  /** Rings the relays after a commit that wrote outbox rows. */
  waker: { wake(priority: Priority): void };
  /** Stores notifications by group commit. */
  accept: Accept;
  limiter: RateLimiter;
  metrics: Metrics;
  log: Log;
  /** Whether Redis answers; `not_configured` without REDIS_URL. Never asked on the accept path. */
  redis: { state(): Promise<'ok' | 'down' | 'not_configured'> };
  /** False once the process is draining. */
  ready(): boolean;
  /** Where clients reach the API, without a slash at the end. Asked late: a free port is known only when it listens. */
  baseUrl(): string;
}

/** The API key of the request, as far as routes need it. Everything is scoped by (appId, environment). */
export interface Caller {
  keyId: string;
  appId: string;
  environment: Environment;
  scopes: readonly string[];
  /** Requests per second over all processes. */
  ratePerSecond: number;
}

export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Headers that every answer to this request carries. Set by the outermost middleware, unless `complete`. */
    answerHeaders: { headers: Record<string, string>; complete: boolean };
    caller: Caller;
    /** The parsed JSON body, checked to be storable (no NUL, no lone surrogates, finite numbers, bounded depth). */
    body: unknown;
  };
}

/** The app that route files register on: `register<Verb>(app: Api, deps: ApiDeps): void`. */
export type Api = OpenAPIHono<ApiEnv>;
