import { setTimeout as pause } from 'node:timers/promises';

/** TEST_PATIENCE=5 waits five times as long: for a machine that is busy with something else. */
const PATIENCE = Number(process.env.TEST_PATIENCE ?? 1);

export interface UntilOptions {
  timeoutMs?: number;
  everyMs?: number;
}

/**
 * Calls repeatedly until the answer is truthy, and returns it: replaces sleeps in tests.
 *
 * @param what a phrase that completes "waited 10000 ms for ..."
 * @throws when the time is up, with the phrase and the last answer or error
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 20 }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs * PATIENCE;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`waited ${timeoutMs} ms for ${what}; the last answer was ${show(last)}`);
    await pause(everyMs);
  }
}

function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return JSON.stringify(value) ?? String(value);
}
