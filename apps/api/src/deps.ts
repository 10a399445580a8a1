import type { RecipientScope } from '@carillon/core/access/recipient-token';
import type { InboxOwner } from '@carillon/core/inbox/message';
import type { Clock } from '@carillon/core/notification/deadline';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import type { DatabaseClock } from '@carillon/core/program/database-clock';
import type { Log } from '@carillon/core/program/log';
import type { ServerStates } from '@carillon/core/program/server-looks';
import type { FieldError, ProblemError } from '@carillon/core/text/problem';
import type { Database } from '@carillon/db/connection/client';
import type { SetStatements } from '@carillon/db/connection/set-statements';
import type { Reads } from '@carillon/db/replica/reader';
import type { LaneReader } from '@carillon/queue/read-lanes';
import type { Accept } from '@carillon/services/notifications/accept';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CampaignBoard } from './campaigns/board.ts';
import type { CampaignStreams } from './campaigns/streams.ts';
import type { ApiConfig } from './config.ts';
import type { Imports } from './imports/imports.ts';
import type { InboxStreams } from './inbox/streams.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimiter } from './middleware/rate-limiter.ts';
import type { RequestLog } from './request-log/request-log.ts';
import type { TemplateWork } from './template-work.ts';

/** The dependencies of every route. Routes never open connections, read the environment or keep state of their own. */
export interface ApiDeps {
  config: ApiConfig;
  /** `sql` for hot statements (db/<subject>), `orm` for ordinary ones. */
  db: Pick<Database, 'sql' | 'orm'>;
  /** For statements over many rows, apart from the pools of `db`. */
  sets: Pick<SetStatements, 'sql'>;
  /** Where lists and reports are read: a replica, if there is one that is fit, else the primary. By `readFor`. */
  reads: Reads;
  /** PostgreSQL's time, which decides everything that is stored. Available on routes with a key or an account. */
  clock: DatabaseClock;
  /** Wakes the relays after a commit that wrote outbox rows. */
  waker: { wake(priority: Priority): void };
  /** Stores notifications by group commit. */
  accept: Accept;
  limiter: RateLimiter;
  /** Renders and checks templates; heavy ones on another thread. */
  templates: TemplateWork;
  metrics: Metrics;
  /** Requests of the last day by key. */
  requestLog: RequestLog;
  log: Log;
  /** Checks PostgreSQL and Redis; the accept path never calls it. */
  servers: { look(): Promise<ServerStates> };
  /** The lanes in Redis; null without REDIS_URL. */
  lanes: Pick<LaneReader, 'read'> | null;
  /** The counts of campaigns, for all viewers. */
  campaigns: CampaignBoard;
  /** Open streams of campaigns. */
  campaignStreams: CampaignStreams;
  /** Open streams of inboxes. */
  inboxStreams: InboxStreams;
  /** Uploads of recipients. */
  imports: Imports;
  /** Signals to every process that an inbox changed. Never waits, never throws. */
  inboxChanged(owner: InboxOwner): void;
  /** False once the process is draining. */
  ready(): boolean;
  /** Milliseconds after which a request is answered 503; the default keeps the promise of 6 s. */
  deadlineMs?: number | undefined;
  /** Milliseconds without a byte after which an upload is ended; the default is 30 s. */
  uploadSilenceMs?: number | undefined;
  /**
   * Where clients reach the API, without a trailing slash. A function, because a free port is known only once it
   * listens.
   */
  baseUrl(): string;
}

/**
 * Who makes the request, as far as routes need it: an API key, or a person by the dashboard. Everything is scoped by
 * (appId, environment).
 */
export interface Caller {
  /** The id of the key, or `staff:<id>`: what rate limits count by. */
  keyId: string;
  /** The beginning of a sentence: "The API key 12ab", "Your account ada@example.com". */
  holder: string;
  /** For the audit log: `key:<key id>` or `staff:<e-mail>`. */
  actor: string;
  appId: string;
  environment: Environment;
  scopes: readonly string[];
  /** Requests per second over all processes. */
  ratePerSecond: number;
  /** Set for people. */
  staff?: {
    id: string;
    sessionId: string;
    /** `Carillon-App: *`: the request names no app, and only routes that say so serve it. */
    everyApp: boolean;
  };
}

/** A recipient, by a token that the customer's server asked for. */
export interface RecipientCaller {
  owner: InboxOwner;
  scopes: readonly RecipientScope[];
  /** When the token ends, in ms from now. */
  endsInMs: number;
}

export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Headers of the answer to this request. Set by the outermost middleware, unless `complete`. */
    answerHeaders: { headers: Record<string, string>; complete: boolean };
    /** The time left to answer this request. */
    clock: Clock;
    caller: Caller;
    /** On routes for recipients, in the place of `caller`. */
    recipient: RecipientCaller;
    /**
     * The parsed JSON body: lossless (no number or member lost) and storable (no NUL, no lone surrogates, bounded
     * depth). Items of a batch may be neither; `itemFlaws` lists those.
     */
    body: unknown;
    /** The flaws of batch items, by index. */
    itemFlaws: ReadonlyMap<number, FieldError>;
    /** The answer holds no addresses by its nature, and is a stream: it is not searched for some. */
    isWithoutAddresses: boolean | undefined;
    /** What it was answered with, if that is a problem. */
    problem: ProblemError | undefined;
  };
}

/** The app that route files register on: `register<Verb>(app: Api, deps: ApiDeps): void`. */
export type Api = OpenAPIHono<ApiEnv>;
