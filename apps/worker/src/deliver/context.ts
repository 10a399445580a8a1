import type { AttemptEnd, Ending } from '@carillon/core/notification/attempt-end';
import type { LinkSettings } from '@carillon/core/notification/email-links';
import type { Environment } from '@carillon/core/notification/environment';
import type { Lane } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import type { Restore } from '@carillon/core/notification/restore';
import type { DatabaseClock } from '@carillon/core/program/database-clock';
import type { PrioritySemaphore } from '@carillon/core/program/semaphore';
import type { Renderer } from '@carillon/core/template/render/budgeted-render';
import type { SharedTurns } from '@carillon/core/template/render/shared-turns';
import type { Line } from '@carillon/db/order/advance-order';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { OriginCache, TemplateCache } from '@carillon/services/notifications/render';
import type { Sql } from 'postgres';
import type { Breakers } from '../breaker/breakers.ts';
import type { CurrentSettings } from '../current-settings.ts';
import type { GuardedGet } from '../events/guarded-get.ts';
import type { CategoryBook } from './category-settings.ts';
import type { ClaimResult } from './claimed.ts';
import type { AccountLimits } from './concurrency-limits.ts';
import type { Groups } from './groups.ts';
import type { Leases } from './leases.ts';
import type { DeliveryReport } from './report.ts';

/** What a delivery has done so far, in order. `called`: the call has begun; there is no answer yet. */
export type DeliveryPoint =
  | 'job taken'
  | 'claimed'
  | 'account chosen'
  | 'permitted'
  | 'called'
  | 'attempt ended'
  | 'recorded';

export interface AtPoint {
  id: string;
  account?: RegisteredAccount;
  end?: AttemptEnd;
}

/**
 * A hook between the steps of a delivery. The product leaves it empty; test/chaos kills its process at a named point,
 * so that crash points need no switch in product code.
 */
export interface DeliverySeams {
  at(point: DeliveryPoint, about: AtPoint): Promise<unknown> | undefined;
}

export const NO_DELIVERY_SEAMS: DeliverySeams = { at: () => undefined };

/** Hands out permission to call an account, so that all workers together keep its quota. */
export interface Limiter {
  permit(
    account: ProviderAccount,
    priority: Priority,
    maxWaitMs: number,
  ): Promise<{ granted: true } | { granted: false; retryInMs: number }>;
}

/** What the steps of a delivery work with. One for each lane of a process, and one for its resolver. */
export interface DeliveryParts {
  sql: Sql;
  /** Live (current-accounts.ts). */
  accounts: readonly RegisteredAccount[];
  breakers: Pick<Breakers, 'admits' | 'isOpen' | 'began'>;
  categories: Pick<CategoryBook, 'settingsFor'>;
  /** Brings `accounts` and `categories` up to the version each notification requires. */
  settings: CurrentSettings;
  limiter: Limiter;
  /** Calls in flight at each account; one for the process. */
  accountLimits: AccountLimits;
  /** How long a delivery waits for a call of its account to end, in milliseconds; then it gives its slot back. */
  accountWaitMs: number;
  /** Bytes of files in memory; one for the process. */
  fileMemory: PrioritySemaphore;
  /** How long a delivery waits for memory, in milliseconds. */
  memoryWaitMs: number;
  /** Fetches files given by URL. */
  files: Pick<GuardedGet, 'get'>;
  leases: Pick<Leases, 'ms' | 'hold' | 'stands' | 'mayWrite' | 'whenForbidden' | 'letGo' | 'refusal'>;
  /** The last restore of the database, as this process knows it; null if there was none. */
  restore(): Restore | null;
  /** PostgreSQL's time; updated by each claim. */
  clock: DatabaseClock;
  /** One for the process: heavy templates are rendered off the thread that all deliveries share. */
  renderer: Renderer;
  /** Links in e-mails: the public address of the API, and the key that signs them. Null: e-mails carry none. */
  links: LinkSettings | null;
  /** The deadline of a provider call, in milliseconds. */
  sendTimeoutMs: number;
  /** How long the first outcome of a group waits for others, in milliseconds: their calls end one by one. */
  gatherMs: number;
  /** Aborted when the process stops: all waits end. */
  stopping: AbortSignal;
  seams: DeliverySeams;
  onOutcome(ending: Ending): void;
  report: DeliveryReport;
  onError(error: unknown, notificationId?: string): void;
}

export interface DeliveryContext extends DeliveryParts {
  /** Statements that deliveries share. */
  groups: Groups;
  /** Cache of loaded templates. */
  templates: TemplateCache;
  /** Cache of what origins share. */
  origins: OriginCache;
  turns: SharedTurns;
}

/** A lane's own. */
export interface LaneParts extends DeliveryParts {
  lane: Lane;
  /** Wake-up signals for the relays. */
  wake(priority: Priority): void;
}

export interface LaneContext extends DeliveryContext, LaneParts {
  /** The accounts most likely to be called next: named in the attempt rows before the calls. */
  expected: Record<Environment, string>;
  /** Claims made together share one statement. */
  joinClaim(id: string): Promise<ClaimResult>;
  /** Announces the next notification of an ordering key. */
  advanceLine(line: Line): Promise<unknown>;
}
