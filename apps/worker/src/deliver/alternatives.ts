import type { Breakers } from '../breaker/breakers.ts';
import type { AbleAccounts } from './able-accounts.ts';
import type { CategoryBook } from './category-settings.ts';
import type { RecordOptions } from './record.ts';

export interface AlternativesOptions {
  ableAccounts: AbleAccounts;
  breakers: Pick<Breakers, 'isOpen'>;
  categories: Pick<CategoryBook, 'settingsFor'>;
}

/** Looks up what else there is for a message that an account did not take; what that means is decided in ending.ts. */
export function alternatives({
  ableAccounts,
  breakers,
  categories,
}: AlternativesOptions): NonNullable<RecordOptions['alternativesTo']> {
  return (claimed, message, refusing) => {
    const next = ableAccounts(claimed, message).find(
      ({ id }) => id !== refusing.id && !claimed.tried?.includes(id) && !breakers.isOpen(id),
    );
    const { app_id: appId, environment, category } = claimed;
    const { backoffSeconds } = categories.settingsFor(appId, environment, category);
    return { nextAccount: next?.id, schedule: backoffSeconds ?? undefined };
  };
}
