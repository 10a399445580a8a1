import type { FaultRecord } from './evidence.ts';

/** A span of time during which something could not work, whatever the program. */
export interface Span {
  from: number;
  to: number;
}

/** How much of a span of time is covered by others. Overlapping ones count once. */
export function coveredMs({ from, to }: Span, spans: readonly Span[]): number {
  let total = 0;
  let covered = from;
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const start = Math.max(span.from, covered);
    const end = Math.min(span.to, to);
    if (end <= start) continue;
    total += end - start;
    covered = end;
  }
  return total;
}

/** When the network between workers and providers was faulty: what was written in time may arrive late. */
export function wireHeldUp(faults: readonly FaultRecord[]): Span[] {
  return faults.filter(({ delaysProviders }) => delaysProviders);
}

/** When no worker could reach both servers: a server was unavailable, or each worker had a fault of its own. */
export function workersHeldUp(faults: readonly FaultRecord[]): Span[] {
  const of = (worker: string) =>
    faults.filter(({ target }) => target === worker || target.startsWith(`${worker}>`));
  const all = faults.filter(({ target }) => ['postgres', 'redis', 'both workers'].includes(target));
  const each = of('worker-a').flatMap((a) => of('worker-b').map((b) => intersection(a, b)));
  return [...all, ...each.filter(({ from, to }) => to > from)];
}

function intersection(a: Span, b: Span): Span {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}
