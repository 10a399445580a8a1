import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { until } from '../../../test/support/until.ts';
import { createLeaderLease, type LeaderLease } from './leader-lease.ts';

let bundle: LaneBundle;
const leads: LeaderLease[] = [];
beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(async () => {
  for (const lead of leads) await lead.stop();
  await bundle.close();
});

const keyOf = (name: string) => `{${bundle.namespace}:${name}}`;
function candidate(name: string, ttlMs?: number): LeaderLease {
  const lead = createLeaderLease({ redis: bundle.redis, key: keyOf(name), ...(ttlMs ? { ttlMs } : {}) });
  leads.push(lead);
  return lead;
}

test('of all candidates, one leads, and goes on leading', async () => {
  const all = Array.from({ length: 5 }, () => candidate('one'));
  const first = await Promise.all(all.map((lead) => lead.hold()));
  expect(first.filter(Boolean)).toHaveLength(1);
  expect(await Promise.all(all.map((lead) => lead.hold()))).toEqual(first);
});

test('the next one leads as soon as the leader has stopped, which takes it no more', async () => {
  const [first, second] = [candidate('stop'), candidate('stop')];
  expect(await first.hold()).toBe(true);
  expect(await second.hold()).toBe(false);
  await first.stop();
  expect(await second.hold()).toBe(true);
  expect(await first.hold()).toBe(false);
});

test('one that left may lead again, and does not block others meanwhile', async () => {
  const [first, second] = [candidate('leave'), candidate('leave')];
  await first.hold();
  await first.leave();
  expect(await second.hold()).toBe(true);
  await second.leave();
  expect(await first.hold()).toBe(true);
});

test('a leader keeps the lease through a turn that is longer than the lease lasts', async () => {
  const leader = candidate('long', 200);
  await leader.hold();
  const { redis } = bundle;
  let renewed = 0;
  let last = await redis.pttl(keyOf('long'));
  await until('the lead to be renewed several times', async () => {
    const left = await redis.pttl(keyOf('long'));
    if (left > last) renewed++;
    last = left;
    return renewed >= 5;
  });
  expect(await candidate('long').hold()).toBe(false);
});

test('a leader that died is replaced when its lease has expired', async () => {
  await bundle.redis.set(keyOf('dead'), 'somebody who was killed', 'PX', 50);
  const heir = candidate('dead');
  await until('the heir to lead', () => heir.hold());
});

test('after Redis was wiped the lease is taken again, by one', async () => {
  const [first, second] = [candidate('wiped'), candidate('wiped')];
  await first.hold();
  await bundle.redis.del(keyOf('wiped'));
  expect(await second.hold()).toBe(true);
  expect(await first.hold()).toBe(false);
});
