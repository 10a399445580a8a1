import type { RedisClient } from '@carillon/queue/connection';
import type { DemandBoard } from './rate-limiter.ts';

/** A process that has not reported for this long counts as stopped; its share goes to the others. */
const STALE_MS = 3_000;

/**
 * One hash per API key: process -> "demand@time". Times are Redis' own, so the clocks of the machines do not matter.
 * Returns what the other processes reported recently; removes those that stopped.
 */
const EXCHANGE = `
local clock = redis.call('time')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('hset', KEYS[1], ARGV[1], ARGV[2] .. '@' .. now)
redis.call('pexpire', KEYS[1], ARGV[3] * 2)
local others = {}
local all = redis.call('hgetall', KEYS[1])
for i = 1, #all, 2 do
  local demand, at = all[i + 1]:match('^(.-)@(%d+)$')
  if now - tonumber(at) > tonumber(ARGV[3]) then
    redis.call('hdel', KEYS[1], all[i])
  elseif all[i] ~= ARGV[1] then
    others[#others + 1] = demand
  end
end
return others`;

/** @param processName unique among the API processes that share this Redis. */
export function createDemandBoard(redis: RedisClient, namespace: string, processName: string): DemandBoard {
  return {
    exchange: async (demands) => {
      const keyIds = [...demands.keys()];
      const answers = await Promise.all(
        keyIds.map((keyId) =>
          redis.eval(
            EXCHANGE,
            1,
            `${namespace}:rate:${keyId}`,
            processName,
            demands.get(keyId)!.toFixed(3),
            STALE_MS,
          ),
        ),
      );
      return new Map(keyIds.map((keyId, index) => [keyId, (answers[index] as string[]).map(Number)]));
    },
  };
}
