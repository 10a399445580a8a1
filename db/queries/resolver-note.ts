/** What the resolver writes into the journal with every decision. `decision` and `attempt` are read back by take-doubts. */
export interface ResolverNote {
  /** For people: what is done and why, with its evidence. */
  reason: string;
  detail: {
    decision: 'repeat' | 'wait' | 'mark_sent' | 'send_again' | 'hold' | 'give_up';
    attempt: number;
    provider: string;
    [field: string]: unknown;
  };
}
