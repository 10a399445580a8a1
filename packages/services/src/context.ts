import type { KeyScope } from '@carillon/core/access/access';
import type { OnEntered } from '@carillon/core/notification/entered';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import { ProblemError } from '@carillon/core/text/problem';
import type { Sql } from 'postgres';

/**
 * The verbs of the product: one file each, `<subject>/<verb>.ts`, called by the API, the dashboard and carillon-admin.
 * They take checked values, write PostgreSQL and the audit log in one transaction and throw ProblemError. They use no
 * queue and no local clock: times are PostgreSQL's. A verb names the members of the context that it uses.
 */
export interface ServiceContext {
  db: Sql;
  /** For the audit log: `key:<key id>`, `staff:<e-mail>` or `carillon-admin (<user>@<host>)`. */
  actor: string;
  reach: Reach;
  /** Whether the actor may give others this scope: a person who makes keys gives no more than what they have. */
  mayGive(scope: KeyScope): boolean;
  /** Notifies the relays, after the commit, that there are outbox rows of this priority. */
  wake(priority: Priority): void;
  /** Called after the commit for a notification that a verb has moved into another state. */
  onEntered?: OnEntered;
}

/** The context of most verbs. */
export type ActorContext = Pick<ServiceContext, 'db' | 'actor'>;
/** The context of verbs that move notifications. */
export type MovingContext = Pick<ServiceContext, 'db' | 'actor' | 'onEntered'>;
/** The context of verbs that wake the relays. */
export type WakingContext = Pick<ServiceContext, 'db' | 'actor' | 'wake' | 'onEntered'>;
/** The context of verbs that check the actor's reach. */
export type ReachContext = Pick<ServiceContext, 'db' | 'actor' | 'reach'>;
/** The context of verbs that make API keys. */
export type GivingContext = Pick<ServiceContext, 'db' | 'actor' | 'reach' | 'mayGive'>;

/** What the actor may access; null is everything. */
export interface Reach {
  appId: string | null;
  environment: Environment | null;
}

/** The operator of the installation. */
export const WHOLE_INSTALLATION: Reach = { appId: null, environment: null };

/** @throws ProblemError 403 unless the actor may access what belongs to no app, or to every app. */
export function assertInstallation({ actor, reach }: Pick<ServiceContext, 'actor' | 'reach'>): void {
  if (reach.appId === null && reach.environment === null) return;
  throw new ProblemError(
    'forbidden',
    `${actor} reaches one app only; this belongs to the whole installation. Use a key that "carillon-admin key create --installation" made.`,
  );
}

/** One field that is refused. @param message without the field's name: "is missing; give one". */
export function refusedField(path: string, message: string): ProblemError {
  return new ProblemError('invalid_request', `${path}: ${message}`, { errors: [{ path, message }] });
}

/** One field that cannot be stored as it is. @param problem completes the sentence `"<value>" ...`. */
export function invalidField(path: string, value: unknown, problem: string): ProblemError {
  return refusedField(path, `${JSON.stringify(value)} ${problem}`);
}
