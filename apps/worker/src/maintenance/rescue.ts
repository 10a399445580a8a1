import type { OnEntered } from '@carillon/core/notification/entered';
import { LANES, type Lane } from '@carillon/core/notification/lane';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { doubtExpiredLeases } from '@carillon/db/attempts/leases';
import { requeueOverdue } from '@carillon/db/outbox/requeue';
import type { Sql } from 'postgres';
import { LEASE_MS } from '../deliver/leases.ts';
import type { Duty } from '../service.ts';

export interface RescueOptions {
  sql: Sql;
  wake(priority: Priority): void;
  /** Called for each notification that is in doubt now. */
  onEntered?: OnEntered;
  /** Whether a lane is held on purpose, because its providers are away. */
  rests?(lane: Lane): boolean;
  /** The shortest lease. */
  leaseMs?: number;
  /**
   * At its start a process does not know whether PostgreSQL was away a moment ago: then it waits as after an outage.
   */
  justStarted?: boolean;
  monotonic?(): number;
}

const EVERY_MS = 1000;
/**
 * Two turns this far apart, or PostgreSQL silent for this long: live workers could not renew either. They do when half
 * of a lease is over, so a shorter gap ends no lease.
 */
const blindAfterMs = (leaseMs: number): number => Math.min(4000, Math.max(1500, leaseMs / 2 - 500));
/** How long live workers have to renew when PostgreSQL is back: they try every second. */
const GRACE_MS = 5000;
/** Where everything is slow all the time, doubts are still found, after this delay. */
const BLIND_AT_MOST_MS = 30_000;
/** A delayed job may come this late before it counts as lost. */
const OVERDUE_MS = 20_000;
const BATCH = 1000;

/**
 * Finds work left behind by a dead worker or a lost job: expired leases become doubts, overdue rows are announced
 * again.
 *
 * An expired lease shows that its worker is dead only while workers could renew. So this trusts expired leases only
 * where it has itself reached PostgreSQL all along: after a gap it first lets live workers renew.
 */
export function rescue({
  sql,
  wake,
  onEntered,
  rests = () => false,
  leaseMs = LEASE_MS.critical,
  justStarted = false,
  monotonic = () => performance.now(),
}: RescueOptions): Duty {
  let seenAt = justStarted ? Number.NEGATIVE_INFINITY : monotonic();
  let blind: { since: number; until: number } | null = null;
  const restedAt = new Map<Lane, number>();

  /** Lanes that are held, or were a moment ago: what became due meanwhile is only now being worked off. */
  const resting = (): Lane[] => {
    for (const lane of LANES) if (rests(lane)) restedAt.set(lane, monotonic());
    return LANES.filter(
      (lane) => monotonic() - (restedAt.get(lane) ?? Number.NEGATIVE_INFINITY) < OVERDUE_MS,
    );
  };

  const mayDoubt = async (): Promise<boolean> => {
    // Queried first: a PostgreSQL that hung until now would otherwise return leases that no worker could renew
    // meanwhile.
    await sql`select 1`;
    const now = monotonic();
    if (now - seenAt > blindAfterMs(leaseMs)) {
      const since = blind?.since ?? now;
      blind = { since, until: Math.min(now + GRACE_MS, since + BLIND_AT_MOST_MS) };
    }
    seenAt = now;
    if (blind && now < blind.until) return false;
    blind = null;
    return true;
  };

  return {
    name: 'rescue',
    everyMs: EVERY_MS,
    async runOnce() {
      const doubted = (await mayDoubt()) ? await doubtExpiredLeases(sql, BATCH, onEntered) : [];
      const overdue = await requeueOverdue(sql, OVERDUE_MS, BATCH, resting());
      if (overdue > 0) for (const priority of PRIORITIES) wake(priority);
      seenAt = monotonic();
      return doubted.length + overdue;
    },
  };
}
