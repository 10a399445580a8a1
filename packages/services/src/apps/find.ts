import { ProblemError } from '@carillon/core/text/problem';
import { type App, findApp, findAppsNamed } from '@carillon/db/apps/apps';
import { assertInstallation, type ReachContext } from '../context.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * @param idOrName an id, or a name as it was given.
 * @throws ProblemError 403 without the reach of the installation, 404, 409 if several apps have the name.
 */
export async function findAppBy(ctx: ReachContext, idOrName: string): Promise<App> {
  assertInstallation(ctx);
  if (UUID.test(idOrName)) {
    const app = await findApp(ctx.db, idOrName);
    if (app !== null) return app;
  }
  const [app, ...others] = await findAppsNamed(ctx.db, idOrName);
  if (app === undefined) throw noSuchApp(idOrName);
  if (others.length === 0) return app;
  const ids = [app, ...others].map(({ id }) => id).join(', ');
  throw new ProblemError(
    'invalid_state',
    `${others.length + 1} apps have the name ${JSON.stringify(idOrName)}: ${ids}. Name one by its id.`,
  );
}

export function noSuchApp(idOrName: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no app ${JSON.stringify(idOrName.slice(0, 100))}. GET /v1/apps and "carillon-admin app list" list them.`,
  );
}
