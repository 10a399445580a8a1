import type { Api, ApiDeps } from '../../deps.ts';
import { registerDeleteAudience } from './delete.ts';
import { registerGetAudience } from './get.ts';
import { registerListAudiences } from './list.ts';
import { registerPutAudience } from './put.ts';

/** Saved filters and lists of recipients. */
export function registerAudiences(app: Api, deps: ApiDeps): void {
  registerPutAudience(app, deps);
  registerGetAudience(app, deps);
  registerListAudiences(app, deps);
  registerDeleteAudience(app, deps);
}
