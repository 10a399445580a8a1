import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { percentile } from '../../../bench/measure/percentiles.ts';
import type { Case } from './case.ts';
import type { Evidence } from './evidence.ts';

/** How long things took. Milliseconds. */
export interface Spread {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

export interface Figures {
  /** From the 202 to the provider's ledger, of everything that was to go out at once. */
  acceptToProvider: Record<Priority, Spread>;
  /** From the beginning of a fault to the next acceptance by any provider, by kind of fault. */
  faultToDelivery: Record<string, Spread>;
}

export function figuresOf(cases: readonly Case[], { ledger, faults }: Evidence): Figures {
  const waits = (priority: Priority) =>
    cases.flatMap(({ asked, copies }) => {
      const first = copies[0];
      if (asked.priority !== priority || !first || asked.acceptedAt === null || asked.sendAt !== null)
        return [];
      return [Math.max(0, first.at - asked.acceptedAt)];
    });
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  const recoveries = (kind: string) =>
    faults.flatMap((fault) => {
      const next = fault.kind === kind ? ledger.find(({ at }) => at > fault.from) : undefined;
      return next ? [next.at - fault.from] : [];
    });
  return {
    acceptToProvider: Object.fromEntries(
      PRIORITIES.map((priority) => [priority, spreadOf(waits(priority))]),
    ) as Record<Priority, Spread>,
    faultToDelivery: Object.fromEntries(kinds.map((kind) => [kind, spreadOf(recoveries(kind))])),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => (sorted.length === 0 ? 0 : Math.round(percentile(sorted, share)));
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: Math.round(sorted.at(-1) ?? 0) };
}
