/** What the API sends and takes, as far as the inbox uses it. */

export interface Message {
  id: string;
  title: string;
  body: string;
  url: string | null;
  category: string | null;
  created_at: string;
  seen_at: string | null;
  read_at: string | null;
  archived_at: string | null;
  snoozed_until: string | null;
  /** Rises with every change of any message of this inbox. */
  sequence: number;
}

/** Messages that are neither archived nor snoozed. */
export interface Counts {
  unread_count: number;
  unseen_count: number;
}

export interface Page extends Counts {
  data: Message[];
  next_cursor: string | null;
  /** The state of the inbox that this page shows. */
  sequence: number;
}

/** The answer to read-all and seen-all. */
export interface AllChanged extends Counts {
  changed: number;
  sequence: number;
}

export interface StreamEvent {
  type: string;
  /** The position of the stream after this event. */
  id: number | null;
  data: unknown;
}

export type Status = 'all' | 'unread' | 'archived' | 'snoozed';

/** Which part of the inbox is listed. */
export interface View {
  status: Status;
  category: string | null;
}

export interface Preferences {
  channels: Record<string, boolean>;
  /** On or off, as a whole or by channel. */
  categories: Record<string, boolean | Record<string, boolean>>;
  category_list?: {
    name: string;
    title: string;
    description: string | null;
    wanted: boolean;
    /** Cannot be turned off. */
    locked: boolean;
  }[];
}
