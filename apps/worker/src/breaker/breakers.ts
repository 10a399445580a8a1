import type { Channel } from '@carillon/core/notification/channel';
import { REPEAT_PAUSE } from '@carillon/core/notification/doubt';
import { type Lane, partsOf } from '@carillon/core/notification/lane';
import { type Admission, admissionBy } from '@carillon/core/provider/admission';
import {
  answered,
  type Breaker,
  type BreakerMove,
  type BreakerQuestion,
  type BreakerState,
  nextMove,
  suspected,
} from '@carillon/core/provider/breaker';
import type { Outcome } from '@carillon/core/provider/outcome';
import { readBreakers } from '@carillon/db/breakers/breakers';
import { moveBreaker, registerBreakers } from '@carillon/db/breakers/moves';
import type { BreakerCounter } from '@carillon/limiter/breaker-counts';
import { createRepeats } from '@carillon/limiter/breaker-repeats';
import { createTrials } from '@carillon/limiter/breaker-trials';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { askProbe } from './ask-probe.ts';
import { createKnownBreakers, type Standing } from './known-breakers.ts';
import { createWaitQueue, type WaitQueue } from './wait-queue.ts';

/**
 * The circuit breakers of one worker process. PostgreSQL holds the state of each breaker, Redis the call counts of all
 * workers. Twice a second this reads both and moves the breakers that have to change state. Deliveries use only the
 * state read last.
 */
export interface Breakers {
  /** May the account be called for this notification now? A half-open one takes a trial permit, held until `leave`. */
  admits(account: string, notification: string): Admission;
  /**
   * May a doubtful call be repeated now? A yes must be followed by `leftRepeat`. @param repeats number of earlier
   * repeats.
   */
  admitsRepeat(account: string, notification: string, repeats: number): Admission;
  leftRepeat(notification: string): void;
  isOpen(account: string): boolean;
  standing(channel: Channel): Standing;
  /**
   * Whether a lane can do nothing until a breaker changes. Never true for a critical lane: its messages fall back to
   * the next channel.
   */
  rests(lane: Lane): boolean;
  /** Whether jobs of a lane are held on purpose, so that no job is expected to finish. */
  holdsUp(lane: Lane): boolean;
  line: WaitQueue;
  /** Begins a call; the returned function takes its outcome. */
  began(account: string, message: CalledMessage): { ended(outcome: Outcome | null): void };
  /** Called when a breaker has changed, and about twice a second in any case. */
  onLook(look: () => void): void;
  duty: Duty;
  /** Releases all waiting deliveries because the process is stopping. */
  stop(): void;
}

export interface CalledMessage {
  id: string;
  /** An earlier call with this message to this account failed, so another failure says little about the account. */
  failedBefore: boolean;
}

export interface BreakersOptions {
  sql: Sql;
  counter: BreakerCounter;
  accounts: readonly ProviderAccount[];
  /** Every worker logs every state it adopts ... */
  onState?(account: string, state: BreakerState): void;
  /** ... and the worker that made the change logs the change itself. */
  onChange?(breaker: Breaker, move: BreakerMove): void;
  onError(error: unknown): void;
  now?(): number;
}

const EVERY_MS = 500;
const TRIAL_RETRY_MS = 500;

export function createBreakers(options: BreakersOptions): Breakers {
  const { sql, counter, accounts, onState, onChange, onError, now = Date.now } = options;
  const adapterOf = (account: string) => accounts.find(({ id }) => id === account)?.adapter;
  const knownBreakers = createKnownBreakers(() =>
    accounts.map(({ id, adapter }) => ({ id, channel: adapter.channel })),
  );
  const trials = createTrials();
  const repeats = createRepeats();
  const line = createWaitQueue({
    standing: knownBreakers.standing,
    takeTrial: (channel, notification) =>
      knownBreakers
        .halfOpen()
        .some((id) => adapterOf(id)?.channel === channel && trials.take(id, notification, performance.now())),
    leaveTrial: trials.leave,
  });
  const looks: (() => void)[] = [];

  const rests = (lane: Lane): boolean => {
    const { channel, priority } = partsOf(lane);
    return priority !== 'critical' && knownBreakers.standing(channel) === 'none';
  };

  return {
    admits,
    admitsRepeat,
    leftRepeat: repeats.leave,
    isOpen: (account) => knownBreakers.get(account)?.state === 'open',
    standing: knownBreakers.standing,
    rests,
    holdsUp: (lane) => rests(lane) || knownBreakers.standing(partsOf(lane).channel) === 'trial',
    line,
    began: (account, { id, failedBefore }) => {
      const call = counter.began(account, failedBefore, adapterOf(account)?.patience?.hangsAfterMs);
      return {
        ended(outcome) {
          const sign = call.ended(outcome);
          trials.learn(account, id, sign, performance.now());
          if (sign === 'success' || sign === 'failed_again') repeats.learn(account, id, sign === 'success');
        },
      };
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
    const admission = admissionBy(knownBreakers.get(account), now());
    if (!admission.admitted || !admission.isTrial) return admission;
    if (trials.take(account, notification, performance.now())) return admission;
    return {
      admitted: false,
      state: 'half_open',
      why: `${account} is on trial after an outage`,
      retryInMs: TRIAL_RETRY_MS,
    };
  }

  /** Repeats take no trial permit: trial permits are for messages whose failure is informative. */
  function admitsRepeat(account: string, notification: string, before: number): Admission {
    const breaker = knownBreakers.get(account);
    const admission = admissionBy(breaker, now());
    if (!admission.admitted) return admission;
    const onTrial = breaker?.state === 'half_open';
    const place = repeats.take(account, notification, { repeats: before, onTrial }, performance.now());
    if (place.taken) return { admitted: true, isTrial: onTrial };
    const state = onTrial ? 'half_open' : 'closed';
    return { admitted: false, state, why: REPEAT_PAUSE, retryInMs: place.retryInMs };
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
    for (const { account, changedAt, state } of knownBreakers.set(rows)) {
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
    for (const [account, { counts, suspicion }] of await counter.collect(knownBreakers.halfOpen())) {
      const breaker = knownBreakers.get(account);
      if (!breaker) continue;
      const next =
        nextMove(breaker, counts, now()) ??
        (suspicion === null ? null : suspected(breaker, suspicion, now()));
      if (next === null) continue;
      if ('ask' in next) examine(breaker, next).catch(onError);
      else moved += await apply(breaker, next);
    }
    return moved;
  }

  async function apply(breaker: Breaker, move: BreakerMove): Promise<number> {
    if (!(await moveBreaker(sql, breaker, move))) return 0;
    onChange?.(breaker, move);
    return 1;
  }

  /** Probes the account, once per interval over all processes, and moves its breaker by the answer. */
  async function examine(breaker: Breaker, question: BreakerQuestion): Promise<void> {
    const adapter = adapterOf(breaker.account);
    if (!adapter || !(await counter.mayAsk(breaker.account))) return;
    const move = answered(question, adapter.probe ? await askProbe(adapter) : null);
    if (move && (await apply(breaker, move))) await read();
  }
}
