import { withTimeout } from '@carillon/core/notification/deadline';
import { BREAKER, type BreakerCounts, type Sign } from '@carillon/core/provider/breaker';
import type { Outcome } from '@carillon/core/provider/outcome';
import type { Cluster, Redis } from 'ioredis';
import { type Delta, Tally } from './breaker-tally.ts';

/**
 * Counts call outcomes per account, over all workers: each process adds its own to a hash in Redis twice a second and
 * gets the sums back. Only counts are lost with Redis, and while it is away each process uses its own: the state of a
 * breaker is in PostgreSQL.
 */
export interface BreakerCounter {
  /**
   * Begins a call; the returned function takes its outcome, or null if it was not made, and returns what that is a sign
   * of.
   *
   * @param failedBefore whether an earlier call with this message to this account failed.
   * @param patienceMs how long a healthy server of this account may leave a call unanswered, where that is long.
   */
  began(
    account: string,
    failedBefore?: boolean,
    patienceMs?: number,
  ): { ended(outcome: Outcome | null): Sign };
  /** The breaker of this account entered its present state at this time (ms since the epoch): counting starts again. */
  enter(account: string, period: number): void;
  /** The recently called accounts, and these, with the counts of all workers. */
  collect(also: Iterable<string>): Promise<Map<string, Collected>>;
  /**
   * Whether this process may probe the account now: once per interval, and once per period at once, over all processes.
   */
  mayAsk(account: string): Promise<boolean>;
}

export interface Collected {
  counts: BreakerCounts;
  /** The provider explicitly refused the account, or this sender. */
  suspicion: string | null;
}

export interface BreakerCounterOptions {
  /** Must not queue commands while Redis is away. */
  redis: Redis | Cluster;
  /** Prefix of every key. */
  namespace: string;
  /** Milliseconds of a monotonic clock. */
  now?(): number;
}

/** A hash without updates for this long expires: failures in a row on a quiet account may lie minutes apart. */
const FORGET_SECONDS = 600;
/** A Redis that takes longer counts as away; opening a breaker must not wait for it. */
const TIMEOUT_MS = 500;
/** A probe costs the provider a request, and what triggered it goes on being counted. */
const ASK_EVERY_MS = 5000;

/**
 * One hash per account and period: `<second>:g` and `<second>:b` by Redis' own clock (workers' clocks differ), the
 * failures in a row (and those of messages that had failed before), the successes. Overtaken failures are entered where
 * the last seconds have ended. A worker that has not read the newest period yet adds nothing to it.
 */
const ADD = `
local period = redis.call('hget', KEYS[1], 'period')
if period and tonumber(period) > tonumber(ARGV[1]) then return false end
if period ~= ARGV[1] then
  redis.call('del', KEYS[1])
  redis.call('hset', KEYS[1], 'period', ARGV[1])
end
local good, bad, row = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local overtaken, again = tonumber(ARGV[9]), tonumber(ARGV[10])
local now = tonumber(redis.call('time')[1])
if good ~= 0 then
  redis.call('hincrby', KEYS[1], now .. ':g', good)
  redis.call('hincrby', KEYS[1], 'successes', good)
end
if bad ~= 0 then redis.call('hincrby', KEYS[1], now .. ':b', bad) end
if overtaken ~= 0 then redis.call('hincrby', KEYS[1], (now - tonumber(ARGV[7])) .. ':b', overtaken) end
if ARGV[4] == '1' then redis.call('hset', KEYS[1], 'row', row, 'again', again)
else
  if row ~= 0 then redis.call('hincrby', KEYS[1], 'row', row) end
  if again ~= 0 then redis.call('hincrby', KEYS[1], 'again', again) end
end
redis.call('expire', KEYS[1], ARGV[8])
local sums = {calls = 0, failures = 0, recentCalls = 0, recentFailures = 0}
local all = redis.call('hgetall', KEYS[1])
local inARow, failedAgain, successes = 0, 0, 0
for i = 1, #all, 2 do
  local second, kind = string.match(all[i], '^(%d+):(%a)$')
  local count = tonumber(all[i + 1])
  if second then
    local age = now - tonumber(second)
    if age >= tonumber(ARGV[6]) then redis.call('hdel', KEYS[1], all[i])
    else
      sums.calls = sums.calls + count
      if kind == 'b' then sums.failures = sums.failures + count end
      if age < tonumber(ARGV[7]) then
        sums.recentCalls = sums.recentCalls + count
        if kind == 'b' then sums.recentFailures = sums.recentFailures + count end
      end
    end
  elseif all[i] == 'row' then inARow = count
  elseif all[i] == 'again' then failedAgain = count
  elseif all[i] == 'successes' then successes = count end
end
return {sums.calls, sums.failures, sums.recentCalls, sums.recentFailures, inARow, failedAgain, successes}
`;

export function createBreakerCounter({
  redis,
  namespace,
  now = () => performance.now(),
}: BreakerCounterOptions): BreakerCounter {
  const tallies = new Map<string, Tally>();
  const asked = new Map<string, { period: number; at: number }>();
  const tallyOf = (account: string): Tally => {
    const tally = tallies.get(account) ?? new Tally();
    tallies.set(account, tally);
    return tally;
  };

  return {
    began(account, failedBefore = false, patienceMs = 0) {
      const call = tallyOf(account).began(now(), failedBefore, patienceMs);
      return { ended: (outcome) => call.ended(outcome, now()) };
    },
    enter: (account, period) => tallyOf(account).enter(period),
    async collect(also) {
      const wanted = new Set(also);
      for (const account of wanted) tallyOf(account);
      const collected = new Map<string, Collected>();
      await Promise.all(
        [...tallies].map(async ([account, tally]) => {
          const delta = tally.take(now());
          if (!tally.isBusy(now()) && !wanted.has(account)) return;
          const { period } = tally;
          const shared = await share(`{${namespace}:breaker:${account}}`, period, delta);
          if (tally.period !== period) return;
          const counts = moreOf(shared, tally.counts(now()));
          collected.set(account, { counts, suspicion: tally.suspicion() });
        }),
      );
      return collected;
    },
    async mayAsk(account) {
      const { period } = tallyOf(account);
      const last = asked.get(account);
      if (last?.period === period && now() - last.at < ASK_EVERY_MS) return false;
      asked.set(account, { period, at: now() });
      const key = `{${namespace}:breaker:${account}}:asked:${period}`;
      const set = redis.set(key, '1', 'PX', ASK_EVERY_MS, 'NX');
      // Without Redis each process decides alone.
      const isOurs = (await orNull(set.then((answer) => answer ?? 'taken'))) !== 'taken';
      // The key may expire a moment after the local clock says so: query Redis again at the next look, not five seconds
      // later.
      if (!isOurs) asked.delete(account);
      return isOurs;
    },
  };

  /** @returns the sums over all workers; null while Redis cannot be queried. */
  async function share(key: string, period: number, delta: Delta): Promise<BreakerCounts | null> {
    const { good, bad, succeeded, inARow, overtaken, again } = delta;
    const { windowSeconds, collapseSeconds } = BREAKER;
    const args = [
      period,
      good,
      bad,
      succeeded ? 1 : 0,
      inARow,
      windowSeconds,
      collapseSeconds,
      FORGET_SECONDS,
      overtaken,
      again,
    ];
    const answer = await orNull(redis.eval(ADD, 1, key, ...args));
    if (!Array.isArray(answer)) return null;
    // A failure that was taken back may outlive the second it was counted in.
    const [calls, failures, recentCalls, recentFailures, row, failedAgain, successes] = answer.map((sum) =>
      Math.max(Number(sum), 0),
    ) as [number, number, number, number, number, number, number];
    return { calls, failures, recentCalls, recentFailures, inARow: row, again: failedAgain, successes };
  }
}

/** Redis has the counts of all processes; but if it has just lost its memory, this process has more. */
function moreOf(shared: BreakerCounts | null, own: BreakerCounts): BreakerCounts {
  if (shared === null) return own;
  const successes = Math.max(shared.successes, own.successes);
  return { ...(shared.calls >= own.calls ? shared : own), successes };
}

/** @returns null while Redis cannot be queried. */
function orNull(answer: Promise<unknown>): Promise<unknown> {
  return withTimeout(TIMEOUT_MS, answer).catch(() => null);
}
