import type { Priority } from '@carillon/core/notification/priority';
import type { Breakers } from '../../breaker/breakers.ts';
import type { CategoryBook } from '../../deliver/category-settings.ts';
import type { DeliveryContext } from '../../deliver/context.ts';

/** How a doubt was settled, or who has to settle it now: the label of the metric, and `how` in the journal. */
export type Settlement =
  /** The same call again, and its answer. */
  | 'repeated'
  /** Evidence that the provider has it. */
  | 'found'
  /** Sent again: it was refused, it is absent, the copy replaces the first, or the policy allows it. */
  | 'refused'
  | 'absent'
  | 'replaced'
  | 'policy'
  | 'held'
  | 'gave_up';

/** What the resolver works with: the parts of an ordinary delivery, because a repeat passes the same steps. */
export interface ResolveContext extends Omit<DeliveryContext, 'breakers' | 'categories'> {
  breakers: DeliveryContext['breakers'] & Pick<Breakers, 'admitsRepeat' | 'leftRepeat'>;
  categories: Pick<CategoryBook, 'known' | 'settingsFor'>;
  /** Wake-up signals for the relays. */
  wake(priority: Priority): void;
  onSettled(how: Settlement): void;
}
