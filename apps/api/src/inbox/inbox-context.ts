import type { InboxContext } from '@carillon/services/inbox/change';
import type { ApiDeps } from '../deps.ts';

/** The context of verbs that change inboxes: streams of every process are signalled, and receipts are counted. */
export function inboxContext({
  db,
  inboxStreams,
  inboxChanged,
  metrics,
}: Pick<ApiDeps, 'db' | 'inboxStreams' | 'inboxChanged' | 'metrics'>): InboxContext {
  return {
    db: db.sql,
    inboxChanged: (owner) => {
      // Its own streams do not wait for the signal to come back.
      inboxStreams.changed(owner);
      inboxChanged(owner);
    },
    onReceipts: metrics.applied.applied,
  };
}
