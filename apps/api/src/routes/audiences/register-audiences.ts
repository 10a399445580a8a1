import type { Api, ApiDeps } from '../../deps.ts';
import { registerRecipientAttributes } from './attributes.ts';
import { registerCountAudience } from './count.ts';
import { registerDeleteAudience } from './delete.ts';
import { registerGetAudience } from './get.ts';
import { registerListAudiences } from './list.ts';
import { registerMembers } from './members.ts';
import { registerPutAudience } from './put.ts';

/** Saved filters and lists of recipients. */
export function registerAudiences(app: Api, deps: ApiDeps): void {
  // Before the routes with a key in its place.
  registerCountAudience(app, deps);
  registerPutAudience(app, deps);
  registerGetAudience(app, deps);
  registerListAudiences(app, deps);
  registerDeleteAudience(app, deps);
  registerMembers(app, deps);
  registerRecipientAttributes(app, deps);
}
