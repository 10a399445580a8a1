import { oneOfEach, type Scenario } from './scenario.ts';

/**
 * Providers take a message and break the connection instead of answering. Nobody may take that for a refusal and send
 * again. Held against it: the phase marks of a call ("written" is a doubt).
 */
export const answersDropped: Scenario = {
  name: 'answers dropped',
  // Twilio's "it is not there" is believed late; "it is there" at once.
  settleMs: 90_000,
  async play(cell) {
    cell.startWorker();
    await cell.isUp();
    await cell.ask(oneOfEach('drop', ['A (Resend)', 'B (Twilio)']));
    return {};
  },
};
