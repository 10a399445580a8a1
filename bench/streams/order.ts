/** Orders to the process of clients. */
export type StreamsOrder =
  | { do: 'open'; url: string; tokens: readonly string[] }
  | { do: 'close' }
  | { do: 'report' };

/** Its answer to each. */
export interface StreamsAnswer {
  open: number;
  /** Messages that came since the last answer; times in ms since the epoch. */
  arrivals: { id: string; atMs: number; storedAtMs: number }[];
}
