import { oneOfEach, type Scenario } from './scenario.ts';

/**
 * Providers accept a message and break the connection instead of answering. That must not be treated as a refusal and
 * sent again. Held against it: the phase marks of a call ("written" is a doubt).
 */
export const answersDropped: Scenario = {
  name: 'answers dropped',
  // Twilio's "not found" counts late; "found" at once.
  settleMs: 90_000,
  async play(cell) {
    cell.startWorker();
    await cell.isUp();
    await cell.ask(oneOfEach('drop', ['A (Resend)', 'B (Twilio)']));
    return {};
  },
};
