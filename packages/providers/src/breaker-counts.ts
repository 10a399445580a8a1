import { BREAKER, type BreakerCounts, type Sign } from '@carillon/core/breaker';
import type { Outcome } from '@carillon/core/outcome';
import type { Redis } from 'ioredis';
import { type Delta, Tally } from './breaker-tally.ts';

/**
 * Counts what calls came to, per account, over all workers: each process adds its own to a hash in Redis twice a second
 * and gets the sums back. Nothing but counts is lost with Redis, and while it is away each process goes by its
 * own: what a breaker *is* stands in PostgreSQL.
 */
export interface BreakerCounter {
  /** Begins a call; tell it how the call ended, or null if it was not made. It says what that is a sign of. */
  began(account: string): { ended(outcome: Outcome | null): Sign };
  /** The breaker of this account entered its present state then (ms since the epoch): counting begins anew. */
  enter(account: string, period: number): void;
  /** The accounts that were called of late, and these, with the counts of all workers. */
  collect(also: Iterable<string>): Promise<Map<string, Collected>>;
}

export interface Collected {
  counts: BreakerCounts;
  /** The provider refused the account, or this sender, in so many words. */
  suspicion: string | null;
}

export interface BreakerCounterOptions {
  /** Must not queue commands while it is away. */
  redis: Redis;
  /** In front of every key. */
  namespace: string;
  /** Milliseconds that only go forward. */
  now?(): number;
}

/** A hash without news for so long is forgotten: failures in a row on a quiet account may lie minutes apart. */
const FORGET_SECONDS = 600;
/** A Redis that takes longer is treated as away; an opening must not wait for it. */
const TIMEOUT_MS = 500;

/**
 * One hash per account and period: `<second>:g` and `<second>:b` by Redis' own clock (workers' clocks differ), the
 * failures in a row, the successes. A worker that has not heard of the newest period yet adds nothing to it.
 */
const ADD = `
local period = redis.call('hget', KEYS[1], 'period')
if period and tonumber(period) > tonumber(ARGV[1]) then return false end
if period ~= ARGV[1] then
  redis.call('del', KEYS[1])
  redis.call('hset', KEYS[1], 'period', ARGV[1])
end
local good, bad, row = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local now = tonumber(redis.call('time')[1])
if good ~= 0 then
  redis.call('hincrby', KEYS[1], now .. ':g', good)
  redis.call('hincrby', KEYS[1], 'successes', good)
end
if bad ~= 0 then redis.call('hincrby', KEYS[1], now .. ':b', bad) end
if ARGV[4] == '1' then redis.call('hset', KEYS[1], 'row', row)
elseif row ~= 0 then redis.call('hincrby', KEYS[1], 'row', row) end
redis.call('expire', KEYS[1], ARGV[8])
local sums = {calls = 0, failures = 0, recentCalls = 0, recentFailures = 0}
local all = redis.call('hgetall', KEYS[1])
local inARow, successes = 0, 0
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
  elseif all[i] == 'successes' then successes = count end
end
return {sums.calls, sums.failures, sums.recentCalls, sums.recentFailures, inARow, successes}
`;

export function createBreakerCounter({
  redis,
  namespace,
  now = () => performance.now(),
}: BreakerCounterOptions): BreakerCounter {
  const tallies = new Map<string, Tally>();
  const tallyOf = (account: string): Tally => {
    const tally = tallies.get(account) ?? new Tally();
    tallies.set(account, tally);
    return tally;
  };

  return {
    began(account) {
      const call = tallyOf(account).began(now());
      return { ended: (outcome) => call.ended(outcome, now()) };
    },
    enter: (account, period) => tallyOf(account).enter(period),
    async collect(also) {
      const asked = new Set(also);
      for (const account of asked) tallyOf(account);
      const collected = new Map<string, Collected>();
      await Promise.all(
        [...tallies].map(async ([account, tally]) => {
          const delta = tally.take(now());
          if (!tally.isBusy(now()) && !asked.has(account)) return;
          const { period } = tally;
          const shared = await share(`{${namespace}:breaker:${account}}`, period, delta);
          if (tally.period !== period) return;
          const counts = moreOf(shared, tally.counts(now()));
          collected.set(account, { counts, suspicion: tally.suspicion() });
        }),
      );
      return collected;
    },
  };

  /** @returns the sums over all workers; null while Redis cannot be asked. */
  async function share(key: string, period: number, delta: Delta): Promise<BreakerCounts | null> {
    const { good, bad, succeeded, inARow } = delta;
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
    ];
    const answer = await inTime(redis.eval(ADD, 1, key, ...args));
    if (!Array.isArray(answer)) return null;
    // A failure that was taken back may outlive the second it was counted in.
    const [calls, failures, recentCalls, recentFailures, row, successes] = answer.map((sum) =>
      Math.max(Number(sum), 0),
    ) as [number, number, number, number, number, number];
    return { calls, failures, recentCalls, recentFailures, inARow: row, successes };
  }
}

/** Redis knows of all processes; but if it has just lost its memory, we know more. */
function moreOf(shared: BreakerCounts | null, own: BreakerCounts): BreakerCounts {
  if (shared === null) return own;
  const successes = Math.max(shared.successes, own.successes);
  return { ...(shared.calls >= own.calls ? shared : own), successes };
}

function inTime(answer: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), TIMEOUT_MS);
    answer
      .catch(() => null)
      .then((value) => {
        clearTimeout(timer);
        resolve(value);
      });
  });
}
