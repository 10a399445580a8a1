/** Numbers as people read them. */

const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

/** "1,234"; from ten thousand on "12.3K". */
export const count = (value: number): string =>
  value < 10_000 ? plain.format(value) : compact.format(value);

/** "0.02", "3.4", "1,200". */
export const rate = (value: number): string =>
  value !== 0 && value < 0.1 ? value.toPrecision(1) : count(value);

/** "12 ms", "1.2 s", "3 min", "2 h", "4 d". */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${plain.format(seconds)} s`;
  if (seconds < 3_600) return `${plain.format(seconds / 60)} min`;
  if (seconds < 86_400) return `${plain.format(seconds / 3_600)} h`;
  return `${plain.format(seconds / 86_400)} d`;
}

export const percent = (share: number): string =>
  `${new Intl.NumberFormat(undefined, { maximumFractionDigits: share > 0.99 && share < 1 ? 2 : 1 }).format(share * 100)} %`;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
export function bytes(value: number): string {
  const step = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return `${plain.format(value / 1000 ** step)} ${UNITS[step]}`;
}
