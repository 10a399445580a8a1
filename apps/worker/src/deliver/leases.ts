import type { Priority } from '@carillon/core/notification/priority';
import type { Renewal } from '@carillon/db/attempts/leases';
import type { Service } from '../service.ts';
import type { Claimed } from './claimed.ts';

/**
 * The claims this process has in hand: their leases are renewed while it works on them, and each call checks here,
 * before it is written, that its lease still stands. A process that was stopped (SIGSTOP, a suspended machine, a long
 * pause of the event loop) or has lost PostgreSQL cannot renew: its leases expire, rescue turns the attempts into
 * doubts, and calls not written by then are never written.
 */
export interface Leases extends Service {
  /** How long a claim holds without renewal. */
  readonly ms: LeaseTable;
  /**
   * Takes a claim in hand until `letGo`. A second call for the same claim changes nothing.
   *
   * @param endsAtWall the end of its lease by `Date.now()`, if it is known better than from `leaseEndsAt`.
   */
  hold(claimed: Claimed, endsAtWall?: number): void;
  /** Whether a call may begin: the lease stands, and the process does not stop. */
  stands(claimed: Claimed): boolean;
  /** As `stands`, immediately before the first byte. After a yes the call counts as written. */
  mayWrite(claimed: Claimed): boolean;
  letGo(claimed: Claimed): void;
  /** The process stops: nothing more is written. */
  forbidWrites(): void;
  /**
   * Cancels a pending wait to write.
   *
   * @returns a function that reverts this.
   */
  whenForbidden(tell: () => void): () => void;
  /** Why `mayWrite` says no, and when another try makes sense. */
  refusal(): { reason: string; retryInMs: number };
  inHand(): { unwritten: Claimed[]; written: number };
  /** Renews leases that are more than half over; runs automatically every `everyMs`. */
  renew(): Promise<void>;
}

export type LeaseTable = Readonly<Record<Priority, number>>;

export interface LeasesOptions {
  ms: LeaseTable;
  /** Extends leases by token; returns the ids whose lease was still theirs, and whether each could be extended now. */
  renewLeases(renewals: readonly Renewal[]): Promise<ReadonlyMap<string, boolean>>;
  onError(error: unknown): void;
  monotonic?(): number;
  wall?(): number;
}

/** One-time passwords are useless when late, so their doubts are found twice as soon. */
export function leaseTable(seconds: number): LeaseTable {
  return { critical: seconds * 500, normal: seconds * 1000, bulk: seconds * 1000 };
}

/** How long a claim without renewal holds, unless WORKER_LEASE_SECONDS sets another time. */
export const LEASE_MS: LeaseTable = leaseTable(30);

/** The bytes must be out, and the provider must have had a moment with them, before the attempt becomes a doubt. */
const MARGIN_MS = 500;
const EVERY_MS = 1000;
/** A renewal in flight for this long may hang on a dead connection: the next one does not wait for it. */
const RENEWAL_PATIENCE_MS = 3000;
/** Longer than any call takes: a claim in hand for longer was lost by a bug, and becomes a visible doubt. */
const HOLD_AT_MOST_MS = 15 * 60_000;

/** For running single steps: leases without renewal, valid for as long as they were given. */
export const UNRENEWED: Omit<Leases, 'name' | 'stop' | 'renew' | 'inHand' | 'forbidWrites'> = {
  ms: LEASE_MS,
  hold: () => {},
  stands: ({ leaseEndsAt }) => performance.now() < leaseEndsAt - MARGIN_MS,
  mayWrite: (claimed) => UNRENEWED.stands(claimed),
  letGo: () => {},
  whenForbidden: () => () => {},
  refusal: () => LEASE_OVER,
};

const LEASE_OVER = { reason: 'the lease ran out before it could be sent', retryInMs: 1000 };
const STOPPING = { reason: 'the worker stops: given back unsent', retryInMs: 0 };

interface Held {
  endsAt: number;
  endsAtWall: number;
  since: number;
  written: boolean;
}

export function createLeases({
  ms,
  renewLeases,
  onError,
  monotonic = () => performance.now(),
  wall = Date.now,
}: LeasesOptions): Leases {
  const held = new Map<Claimed, Held>();
  /** Settled elsewhere. */
  const lost = new WeakSet<Claimed>();
  const waiting = new Set<() => void>();
  let forbidden = false;
  let renewingSince = Number.NEGATIVE_INFINITY;

  const fresh = (claimed: Claimed, endsAtWall = wall() + claimed.leaseEndsAt - monotonic()): Held => ({
    endsAt: claimed.leaseEndsAt,
    endsAtWall,
    since: monotonic(),
    written: false,
  });

  /** By both clocks: suspending a machine stops the monotonic one, and the wall clock can be set back. */
  const stands = (claimed: Claimed): boolean => {
    const { endsAt, endsAtWall } = held.get(claimed) ?? fresh(claimed);
    return (
      !forbidden && !lost.has(claimed) && monotonic() < endsAt - MARGIN_MS && wall() < endsAtWall - MARGIN_MS
    );
  };

  const renew = async (): Promise<void> => {
    const [now, nowWall] = [monotonic(), wall()];
    const due: Claimed[] = [];
    for (const [claimed, { endsAt, since }] of held) {
      if (now - since > HOLD_AT_MOST_MS) held.delete(claimed);
      else if (endsAt - now < ms[claimed.priority] / 2) due.push(claimed);
    }
    if (due.length === 0) return;
    const ours = await renewLeases(
      due.map(({ id, leaseToken, priority }) => ({ id, leaseToken, leaseMs: ms[priority] })),
    );
    for (const claimed of due) {
      const lease = held.get(claimed);
      if (!lease) continue;
      const renewed = ours.get(claimed.id);
      if (renewed) {
        lease.endsAt = now + ms[claimed.priority];
        lease.endsAtWall = nowWall + ms[claimed.priority];
      } else if (renewed === undefined) {
        held.delete(claimed);
        lost.add(claimed);
      }
    }
  };

  const timer = setInterval(
    () => {
      if (monotonic() - renewingSince < RENEWAL_PATIENCE_MS) return;
      const began = monotonic();
      renewingSince = began;
      renew()
        .catch(onError)
        .finally(() => {
          if (renewingSince === began) renewingSince = Number.NEGATIVE_INFINITY;
        });
    },
    Math.min(EVERY_MS, ms.critical / 5),
  );

  return {
    name: 'leases',
    ms,
    hold: (claimed, endsAtWall) => {
      if (!held.has(claimed)) held.set(claimed, fresh(claimed, endsAtWall));
    },
    stands,
    mayWrite: (claimed) => {
      const yes = stands(claimed);
      const lease = held.get(claimed);
      if (yes && lease) lease.written = true;
      return yes;
    },
    letGo: (claimed) => void held.delete(claimed),
    forbidWrites: () => {
      forbidden = true;
      for (const tell of waiting) tell();
    },
    whenForbidden: (tell) => {
      waiting.add(tell);
      return () => waiting.delete(tell);
    },
    refusal: () => (forbidden ? STOPPING : LEASE_OVER),
    inHand: () => {
      const unwritten = [...held].filter(([, { written }]) => !written).map(([claimed]) => claimed);
      return { unwritten, written: held.size - unwritten.length };
    },
    renew,
    stop: async () => clearInterval(timer),
  };
}
