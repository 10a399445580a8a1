/** The environment of a process whose clock is wrong by so many milliseconds (shifted-clock.ts). */
export function wrongClock(shiftMs: number): Record<string, string> {
  const preload = new URL(`shifted-clock.ts?ms=${shiftMs}`, import.meta.url);
  return { NODE_OPTIONS: `--import=${preload.href}` };
}

/** Wrong enough for one-time passwords, and for every look ahead. */
export const TEN_MINUTES_MS = 600_000;
