import type { Channel } from '@carillon/core/notification/channel';
import { afterEach, expect, test } from 'vitest';
import type { Standing } from './known-breakers.ts';
import { createWaitQueue, type WaitQueue } from './wait-queue.ts';

let standing: Partial<Record<Channel, Standing>>;
let permits: number;
let line: WaitQueue;
let passed: string[];

function setUp(email: Standing, free = 0): void {
  standing = { email };
  permits = free;
  passed = [];
  const holders = new Set<string>();
  line = createWaitQueue({
    standing: (channel) => standing[channel] ?? 'free',
    takeTrial: (_, notification) => {
      if (holders.has(notification)) return true;
      if (permits === 0) return false;
      permits--;
      holders.add(notification);
      return true;
    },
    leaveTrial: (notification) => {
      const held = holders.delete(notification);
      if (held) permits++;
      return held;
    },
  });
}
afterEach(() => line.stop());

/** Reports when it may begin. */
function arrive(lane: Parameters<WaitQueue['enter']>[0], id: string): void {
  void Promise.resolve(line.enter(lane, id)).then((admitted) =>
    passed.push(admitted ? id : `${id} sent away`),
  );
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('no delivery waits while some account takes calls', () => {
  setUp('free');
  expect(line.enter('email-bulk', 'a')).toBe(true);
});

test('in an outage normal and bulk ones wait in their place, critical ones and other channels go on', async () => {
  setUp('none');
  arrive('email-normal', 'normal');
  arrive('email-bulk', 'bulk');
  arrive('email-critical', 'critical');
  arrive('sms-normal', 'sms');
  await turn();
  expect(passed.sort()).toEqual(['critical', 'sms']);
  standing.email = 'free';
  line.wake();
  await turn();
  expect(passed.slice(2)).toEqual(['normal', 'bulk']);
});

test('on trial one goes on per permit, the most urgent first', async () => {
  setUp('none', 1);
  arrive('email-bulk', 'bulk');
  arrive('email-normal', 'normal');
  standing.email = 'trial';
  line.wake();
  arrive('email-critical', 'critical');
  await turn();
  expect(passed).toEqual(['normal']);
  line.leave('normal');
  await turn();
  expect(passed).toEqual(['normal', 'critical']);
  line.leave('critical');
  await turn();
  expect(passed).toEqual(['normal', 'critical', 'bulk']);
});

test('a delivery admitted for a trial is held when the account has failed meanwhile', async () => {
  setUp('trial', 1);
  arrive('email-normal', 'a');
  await turn();
  expect(line.admits('email-normal', 'a')).toBe(true);
  standing.email = 'none';
  expect(line.admits('email-normal', 'a')).toBe(false);
});

test('a critical one that waits for a trial goes on when the trial has failed', async () => {
  setUp('trial');
  arrive('email-critical', 'critical');
  await turn();
  expect(passed).toEqual([]);
  standing.email = 'none';
  line.wake();
  await turn();
  expect(passed).toEqual(['critical']);
});

test('when the process stops all waiting deliveries are released, and none begins to wait', async () => {
  setUp('none');
  arrive('email-bulk', 'waiting');
  line.stop();
  arrive('email-bulk', 'late');
  await turn();
  expect(passed).toEqual(['waiting sent away', 'late sent away']);
});
