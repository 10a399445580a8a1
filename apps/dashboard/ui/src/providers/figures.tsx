import type { ProviderAccountHealth } from '@carillon/client/api-types';

const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const rate = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

export const formatPercent = (value: number): string => percent.format(value);

/** "2.4/s", and the part of its limit where it has one. */
export function Rate({
  health: { per_second: perSecond, limit_used: used },
}: {
  health: ProviderAccountHealth;
}) {
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      {rate.format(perSecond)}/s
      {used !== null && <span className="dim"> ({percent.format(used)} of its limit)</span>}
    </span>
  );
}

export function Success({ health: { success_ratio: ratio } }: { health: ProviderAccountHealth }) {
  if (ratio === null) return <span className="dim">no calls</span>;
  return ratio < 0.95 ? <strong>{percent.format(ratio)}</strong> : <span>{percent.format(ratio)}</span>;
}

export function Latency({ health: { latency_ms: latency } }: { health: ProviderAccountHealth }) {
  if (latency === null) return <span className="dim">no answers</span>;
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      {latency.p50} ms (half), {latency.p95} ms (95 %)
    </span>
  );
}

/** Seconds of the window as people say it. */
export const minutes = (seconds: number): string =>
  seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
