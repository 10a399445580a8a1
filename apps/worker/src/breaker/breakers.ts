import {
  type Breaker,
  type BreakerMove,
  type BreakerState,
  nextMove,
  openAgain,
} from '@carillon/core/breaker';
import type { Channel } from '@carillon/core/channel';
import { type Lane, partsOf } from '@carillon/core/lane';
import type { Outcome } from '@carillon/core/outcome';
import { moveBreaker } from '@carillon/db/queries/breaker-move';
import { readBreakers } from '@carillon/db/queries/breaker-read';
import { registerBreakers } from '@carillon/db/queries/breaker-register';
import type { BreakerCounter } from '@carillon/providers/breaker-counts';
import { createTrials } from '@carillon/providers/breaker-trials';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { askProbe } from './ask-probe.ts';
import { createBoard, type Standing } from './board.ts';
import { createWaitingLine, type WaitingLine } from './waiting-line.ts';

/**
 * The circuit breakers of one worker process. PostgreSQL says what each breaker is, Redis what the calls of all workers
 * came to; twice a second this reads the one, asks the other, and moves what has to move. Deliveries look only at what
 * was read last.
 */
export interface Breakers {
  /** May the account be called for this notification now? A half-open one takes a trial permit, held until `leave`. */
  admits(account: string, notification: string): Admission;
  isOpen(account: string): boolean;
  standing(channel: Channel): Standing;
  /**
   * Whether a lane has nothing to do before a breaker changes. Never a critical one: its messages go on to the next
   * channel.
   */
  rests(lane: Lane): boolean;
  /** Whether jobs of a lane wait on purpose, so that nothing may come out of it. */
  holdsUp(lane: Lane): boolean;
  line: WaitingLine;
  /** A call begins; tell it how it ended. */
  began(account: string): { ended(outcome: Outcome | null): void };
  /** Told when a breaker has changed, and about twice a second in any case. */
  onLook(look: () => void): void;
  duty: Duty;
  /** Lets nobody wait any longer: the process stops. */
  stop(): void;
}

export type Admission =
  | { admitted: true; isTrial: boolean }
  /** `why` has no times in it: said again, it is the same sentence. */
  | { admitted: false; state: 'open' | 'half_open'; why: string; retryInMs: number };

export interface BreakersOptions {
  sql: Sql;
  counter: BreakerCounter;
  accounts: readonly ProviderAccount[];
  /** Every worker is told of every state it follows ... */
  onState?(account: string, state: BreakerState): void;
  /** ... and the one that made the change, of the change. */
  onChange?(breaker: Breaker, move: BreakerMove): void;
  onError(error: unknown): void;
  now?(): number;
}

const EVERY_MS = 500;
/** A little after the probe, so that whoever comes back finds its result. */
const AFTER_PROBE_MS = 1000;
/** Nobody knows when a person lets go. */
const HELD_RETRY_MS = 30_000;
const TRIAL_RETRY_MS = 500;
/** Of one account and process: each refused message would raise the suspicion anew. */
const SUSPICION_EVERY_MS = 5000;

export function createBreakers(options: BreakersOptions): Breakers {
  const { sql, counter, accounts, onState, onChange, onError, now = Date.now } = options;
  const adapterOf = (account: string) => accounts.find(({ id }) => id === account)?.adapter;
  const board = createBoard(() => accounts.map(({ id, adapter }) => ({ id, channel: adapter.channel })));
  const trials = createTrials();
  const line = createWaitingLine({
    standing: board.standing,
    takeTrial: (channel, notification) =>
      board
        .halfOpen()
        .some((id) => adapterOf(id)?.channel === channel && trials.take(id, notification, performance.now())),
    leaveTrial: trials.leave,
  });
  const looks: (() => void)[] = [];
  const suspectedAt = new Map<string, number>();

  const rests = (lane: Lane): boolean => {
    const { channel, priority } = partsOf(lane);
    return priority !== 'critical' && board.standing(channel) === 'none';
  };

  return {
    admits,
    isOpen: (account) => board.get(account)?.state === 'open',
    standing: board.standing,
    rests,
    holdsUp: (lane) => rests(lane) || board.standing(partsOf(lane).channel) === 'trial',
    line,
    began: (account) => {
      const call = counter.began(account);
      return { ended: (outcome) => trials.learn(account, call.ended(outcome)) };
    },
    onLook: (look) => void looks.push(look),
    duty: {
      name: 'breakers',
      everyMs: EVERY_MS,
      async runOnce() {
        await read();
        const moved = await judge();
        if (moved > 0) await read();
        return moved;
      },
    },
    stop: () => line.stop(),
  };

  function admits(account: string, notification: string): Admission {
    const breaker = board.get(account);
    if (!breaker || breaker.state === 'closed') return { admitted: true, isTrial: false };
    const { state } = breaker;
    if (state === 'open') {
      const held = breaker.heldBy === null ? '' : ` by ${breaker.heldBy}`;
      const why = `the breaker of ${account} is open${held}${breaker.reason ? ` (${breaker.reason})` : ''}`;
      return { admitted: false, state, why, retryInMs: untilProbeMs(breaker, now()) };
    }
    if (trials.take(account, notification, performance.now())) return { admitted: true, isTrial: true };
    return {
      admitted: false,
      state,
      why: `${account} is on trial after an outage`,
      retryInMs: TRIAL_RETRY_MS,
    };
  }

  async function read(): Promise<void> {
    let rows = await readBreakers(sql);
    const known = new Set(rows.map((row) => row.account));
    const fresh = accounts.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) {
      await registerBreakers(
        sql,
        fresh.map(({ id, adapter }) => ({ account: id, channel: adapter.channel })),
      );
      rows = await readBreakers(sql);
    }
    for (const { account, changedAt, state } of board.set(rows)) {
      counter.enter(account, changedAt.getTime());
      trials.reset(account);
      onState?.(account, state);
    }
    line.wake();
    for (const look of looks) look();
  }

  /** @returns how many breakers this process has moved. */
  async function judge(): Promise<number> {
    let moved = 0;
    for (const [account, { counts, suspicion }] of await counter.collect(board.halfOpen())) {
      const breaker = board.get(account);
      if (!breaker) continue;
      const move = nextMove(breaker, counts, now());
      if (move) moved += await apply(breaker, move);
      else if (suspicion !== null) examine(breaker, suspicion);
    }
    return moved;
  }

  async function apply(breaker: Breaker, move: BreakerMove): Promise<number> {
    if (!(await moveBreaker(sql, breaker, move))) return 0;
    onChange?.(breaker, move);
    return 1;
  }

  /**
   * "Refused the account" may mean this sender or this country only, and one app's bad sender must not stop everybody's
   * messages: the provider is asked. What cannot be asked is believed.
   */
  function examine(breaker: Breaker, suspicion: string): void {
    const { account, state, heldBy, changedAt } = breaker;
    const adapter = adapterOf(account);
    const last = suspectedAt.get(account) ?? Number.NEGATIVE_INFINITY;
    if (!adapter || state === 'open' || heldBy !== null || performance.now() - last < SUSPICION_EVERY_MS)
      return;
    suspectedAt.set(account, performance.now());
    const closedForSeconds = state === 'closed' ? (now() - changedAt.getTime()) / 1000 : 0;
    const open = async (): Promise<void> => {
      const probe = adapter.probe ? await askProbe(adapter) : { healthy: false as const, why: suspicion };
      if (probe.healthy) return;
      if (await apply(breaker, openAgain(breaker, probe.why, closedForSeconds))) await read();
    };
    open().catch(onError);
  }
}

/** The probe's time is the database's: where our clock goes wrong, a wait is still no longer than the cool-down. */
function untilProbeMs({ probeAt, coolDownSeconds }: Breaker, now: number): number {
  if (probeAt === null) return HELD_RETRY_MS;
  const waitMs = Math.min(Math.max(probeAt.getTime() - now, 0), coolDownSeconds * 1000);
  return waitMs + AFTER_PROBE_MS;
}
