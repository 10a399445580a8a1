import type { NotificationWithTimeline, TimelineEntry } from '../api-types.ts';
import type { Carillon } from '../carillon.ts';
import { CarillonError } from '../carillon-error.ts';
import { wait } from '../wait.ts';
import { EXIT, passes } from './command.ts';
import { formatEntry } from './format.ts';
import type { Terminal } from './terminal.ts';

type Status = NotificationWithTimeline['status'];

/** States without further automatic transitions. `sent` may still become `delivered` when a receipt arrives. */
export const ENDED_WELL: readonly Status[] = ['sent', 'delivered'];
export const ENDED_BADLY: readonly Status[] = [
  'failed',
  'dead',
  'suppressed',
  'skipped',
  'cancelled',
  'expired',
];

export interface FollowOptions {
  asJson: boolean;
  everyMs?: number;
}

/** Prints what happens to a notification until it has ended. @returns the exit code. */
export async function followToEnd(
  carillon: Carillon,
  id: string,
  terminal: Terminal,
  options: FollowOptions,
): Promise<number> {
  for await (const { status } of follow(carillon, id, terminal, options)) {
    if (ENDED_WELL.includes(status)) return EXIT.done;
    if (ENDED_BADLY.includes(status)) return EXIT.refused;
  }
  return EXIT.interrupted;
}

/**
 * Polls, prints new timeline entries, and yields each notification it read. Ends with Ctrl-C. Waits while the API is
 * unavailable.
 */
export async function* follow(
  carillon: Carillon,
  id: string,
  terminal: Terminal,
  { asJson, everyMs = 1_000 }: FollowOptions,
): AsyncGenerator<NotificationWithTimeline, void, undefined> {
  const { signal } = terminal;
  // A receipt may arrive late and belong earlier, so "new" means not printed yet, not last.
  const printed = new Set<string>();
  const print = (entry: TimelineEntry): void => {
    const text = JSON.stringify(entry);
    if (printed.has(text)) return;
    printed.add(text);
    if (asJson) terminal.json({ id, ...entry });
    else terminal.say(formatEntry(entry));
  };
  while (!signal.aborted) {
    const notification = await orLater(() => carillon.notifications.get(id, { signal }), terminal);
    if (notification) {
      notification.timeline.forEach(print);
      yield notification;
    }
    await wait(everyMs, signal).catch(() => {});
  }
}

/** @returns null when there was no valid answer: the caller tries again later. */
export async function orLater<T>(ask: () => Promise<T>, { signal, warn }: Terminal): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted) return null;
    if (!(error instanceof CarillonError) || !passes(error)) throw error;
    warn(`${error.code}: ${error.detail} Still trying.`);
    return null;
  }
}
