import type { Api, ApiDeps } from '../../deps.ts';
import { BY_KEY, BY_TOKEN, type InboxAccess } from './access.ts';
import { registerChangeInbox, registerSnoozeInbox } from './change.ts';
import { registerListInbox } from './list.ts';
import { registerMarkInbox } from './mark-all.ts';
import { registerMyPreferences } from './my-preferences.ts';
import { registerStreamInbox } from './stream.ts';

/** What recipients do with their tokens. */
export function registerRecipientRoutes(app: Api, deps: ApiDeps): void {
  registerAll(app, deps, BY_TOKEN);
  registerMyPreferences(app, deps);
}

/** The same with an API key. */
export function registerInboxesByKey(app: Api, deps: ApiDeps): void {
  registerAll(app, deps, BY_KEY);
}

function registerAll(app: Api, deps: ApiDeps, access: InboxAccess): void {
  registerListInbox(app, deps, access);
  registerStreamInbox(app, deps, access);
  registerMarkInbox(app, deps, access);
  registerChangeInbox(app, deps, access);
  registerSnoozeInbox(app, deps, access);
}
