import { allows } from '@carillon/core/access/access';
import { type ServiceContext, WHOLE_INSTALLATION } from '@carillon/services/context';
import type { ApiDeps, Caller } from './deps.ts';

/**
 * The actor and its reach: a key with the scope `installation` reaches everything, any other key its own app, and a
 * test key only the test environment; people likewise, by the app and environment that they name.
 */
export function serviceContext(
  { actor, appId, environment, scopes, staff }: Caller,
  { db, waker, metrics }: Pick<ApiDeps, 'db' | 'waker' | 'metrics'>,
): ServiceContext {
  // A request for every app has the scopes that its person has in all apps.
  const isWhole = environment === 'live' && (scopes.includes('installation') || staff?.everyApp === true);
  return {
    db: db.sql,
    actor,
    reach: isWhole ? WHOLE_INSTALLATION : { appId, environment: environment === 'test' ? 'test' : null },
    mayGive: (scope) => allows(scopes, scope),
    wake: (priority) => waker.wake(priority),
    onEntered: metrics.entered,
  };
}
