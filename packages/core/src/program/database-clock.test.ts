import { expect, test } from 'vitest';
import { databaseClock } from './database-clock.ts';

/** A monotonic clock and PostgreSQL's, both moved by hand, and a machine whose own clock is ten minutes off. */
function clocks() {
  const state = { monotonic: 1_000_000, database: 1_700_000_000_000 };
  const clock = databaseClock(
    () => state.monotonic,
    () => state.database + 600_000,
  );
  const pass = (ms: number): void => {
    state.monotonic += ms;
    state.database += ms;
  };
  /** A statement that the server began after `there` ms and whose answer took `back` ms. */
  const ask = (there: number, back: number): { sentAt: number; now: Date } => {
    const sentAt = state.monotonic;
    pass(there);
    const now = new Date(state.database);
    pass(back);
    clock.observe(sentAt, now);
    return { sentAt, now };
  };
  return { state, clock, pass, ask };
}

test('returns the time of PostgreSQL, not that of the machine, once a statement has reported it', () => {
  const { state, clock, pass, ask } = clocks();
  expect(clock.now()).toBe(state.database + 600_000);
  ask(3, 3);
  pass(20_000);
  expect(Math.abs(clock.now() - state.database)).toBeLessThan(5);
});

test('uses the fastest of the latest answers', () => {
  const { state, clock, pass, ask } = clocks();
  ask(1, 1);
  pass(1_000);
  ask(900, 2);
  expect(Math.abs(clock.now() - state.database)).toBeLessThan(3);
});

test('follows a clock that was set, and a machine that was suspended', () => {
  const { state, clock, ask } = clocks();
  ask(1, 1);
  state.database += 3_600_000;
  ask(1, 1);
  expect(Math.abs(clock.now() - state.database)).toBeLessThan(5);
});

test('a statement that waited for a connection is as recent as its own start, never more recent', () => {
  const { state, clock, ask } = clocks();
  ask(1, 1);
  const began = state.monotonic + 400;
  const { sentAt, now } = ask(400, 5);
  const asOf = clock.notBefore(sentAt, now);
  expect(asOf).toBeLessThanOrEqual(began);
  expect(began - asOf).toBeLessThan(5);
  expect(databaseClock(() => 7).notBefore(5, now)).toBe(5);
});

test('a faster answer replaces a slower one, and one as fast the older one', () => {
  const { state, clock, ask } = clocks();
  ask(900, 2);
  ask(1, 1);
  expect(Math.abs(clock.now() - state.database)).toBeLessThan(3);
  ask(0, 2);
  const afterEarly = clock.now() - state.database;
  ask(2, 0);
  expect(clock.now() - state.database).not.toBe(afterEarly);
});

test('after half a minute a slower answer counts too, because the clocks drift apart', () => {
  const drifted = (afterMs: number): number => {
    const { state, clock, pass, ask } = clocks();
    ask(1, 1);
    pass(afterMs - 6);
    state.database += 4;
    ask(3, 3);
    return Math.abs(clock.now() - state.database);
  };
  expect(drifted(30_000)).toBeGreaterThan(3);
  expect(drifted(30_001)).toBeLessThan(3);
});
