import { Tooltip } from '@mantine/core';

/** The zone of the person who looks, written out: "Europe/Berlin". */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const moment = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** "29 Nov 2026, 14:05:09" in the viewer's zone. */
export const formatTime = (at: string | Date): string => moment.format(new Date(at));

/** A time in the viewer's zone; the zone and UTC on hover and focus. */
export function Time({ at }: { at: string | null | undefined }) {
  if (at === null || at === undefined) return <span className="dim">never</span>;
  return (
    <Tooltip label={`${zoned.format(new Date(at))} (${ZONE}); ${at}`} multiline maw={320}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip is reached by keyboard too */}
      <time dateTime={at} tabIndex={0} style={{ whiteSpace: 'nowrap' }}>
        {formatTime(at)}
      </time>
    </Tooltip>
  );
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "3 minutes ago", "in 2 hours". */
export function ago(at: string, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? STEPS[3];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** The value of an `<input type="datetime-local">` as RFC 3339, and back. The input shows the viewer's zone. */
export const fromLocalInput = (text: string): string => new Date(text).toISOString();
export function toLocalInput(at: Date | string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
