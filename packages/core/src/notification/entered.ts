import type { Channel } from './channel.ts';
import type { Priority } from './priority.ts';
import type { State } from './states.ts';

/** A notification that has entered a state: what `carillon_notifications_total` counts. */
export interface Entered {
  appId: string;
  channel: Channel;
  priority: Priority;
  /** The provider account of the last call; null where no account was called. */
  provider: string | null;
  /** `created`: it was accepted. */
  state: State | 'created';
}

/** Called once for each, after the commit that moved it. */
export type OnEntered = (entered: Entered) => void;
