import { expect, test } from 'vitest';
import { createFreshness, type PrimaryFacts, type ReplicaFacts } from './replica-freshness.ts';

const PRIMARY: PrimaryFacts = { position: 100, timeline: 1, system: 's', database: 'd' };
const REPLICA: ReplicaFacts = {
  ...PRIMARY,
  position: 100,
  isReplica: true,
  isPaused: false,
};

test('data is as new as the last look whose position the replica has reached', () => {
  const freshness = createFreshness();
  expect(freshness.asOf()).toBe(null);
  freshness.primarySaid(PRIMARY, 1000);
  expect(freshness.replicaSaid({ ...REPLICA, position: 99 })).toBe(null);
  expect(freshness.asOf()).toBe(null);
  freshness.primarySaid({ ...PRIMARY, position: 200 }, 2000);
  freshness.replicaSaid({ ...REPLICA, position: 199 });
  expect(freshness.asOf()).toBe(1000);
  freshness.primarySaid({ ...PRIMARY, position: 300 }, 3000);
  freshness.replicaSaid({ ...REPLICA, position: 300 });
  expect(freshness.asOf()).toBe(3000);
});

test('a primary on which nothing is written keeps its replica new; one that is not heard does not', () => {
  const freshness = createFreshness();
  for (const askedAt of [1, 2, 3]) {
    freshness.primarySaid(PRIMARY, askedAt);
    freshness.replicaSaid(REPLICA);
    expect(freshness.asOf()).toBe(askedAt);
  }
  freshness.replicaSaid(REPLICA);
  expect(freshness.asOf()).toBe(3);
});

test('a paused replica stays as old as it was, however long', () => {
  const freshness = createFreshness();
  freshness.primarySaid(PRIMARY, 0);
  for (let at = 1; at < 10_000; at += 1) {
    freshness.primarySaid({ ...PRIMARY, position: 100 + at }, at);
    freshness.replicaSaid({ ...REPLICA, isPaused: true });
  }
  expect(freshness.asOf()).toBe(0);
  freshness.replicaSaid({ ...REPLICA, position: 100 + 9_999 });
  expect(freshness.asOf()).toBe(9_999);
});

test('a server that is no replica of this primary is found out', () => {
  const faults: [Partial<ReplicaFacts>, string][] = [
    [{ isReplica: false }, 'not_a_replica'],
    [{ system: 'another', isReplica: false }, 'other_server'],
    [{ database: 'another' }, 'other_database'],
    [{ timeline: 2 }, 'other_history'],
  ];
  for (const [change, fault] of faults) {
    const freshness = createFreshness();
    freshness.primarySaid(PRIMARY, 1);
    expect(freshness.replicaSaid({ ...REPLICA, ...change })).toBe(fault);
    expect(freshness.asOf()).toBe(null);
    expect(freshness.replicaSaid({ ...REPLICA, timeline: null })).toBe(null);
    freshness.primarySaid(PRIMARY, 2);
    freshness.replicaSaid(REPLICA);
    expect(freshness.asOf()).toBe(2);
  }
});

test('a replica that has what its primary never had follows another server', () => {
  const freshness = createFreshness();
  freshness.primarySaid(PRIMARY, 1);
  expect(freshness.replicaSaid({ ...REPLICA, position: 150 })).toBe(null);
  // A failover lost what the replica already had.
  freshness.primarySaid({ ...PRIMARY, timeline: 2, position: 120 }, 2);
  const stray = { ...REPLICA, timeline: null, position: 150 };
  expect(freshness.replicaSaid(stray)).toBe('other_history');
  freshness.primarySaid({ ...PRIMARY, timeline: 2, position: 130 }, 3);
  expect(freshness.replicaSaid(stray)).toBe('other_history');
  expect(freshness.asOf()).toBe(null);
  // The new primary has written more than it: it still does not go on.
  freshness.primarySaid({ ...PRIMARY, timeline: 2, position: 170 }, 4);
  freshness.replicaSaid(stray);
  expect(freshness.asOf()).toBe(null);
});

test('positions of the history before a failover prove nothing', () => {
  const freshness = createFreshness();
  freshness.primarySaid({ ...PRIMARY, position: 90 }, 1);
  freshness.replicaSaid({ ...REPLICA, position: 80, timeline: null });
  freshness.primarySaid({ ...PRIMARY, timeline: 2, position: 95 }, 2);
  freshness.replicaSaid({ ...REPLICA, position: 92, timeline: null });
  expect(freshness.asOf()).toBe(null);
  freshness.replicaSaid({ ...REPLICA, position: 95, timeline: null });
  expect(freshness.asOf()).toBe(2);
});
