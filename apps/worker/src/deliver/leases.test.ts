import type { Renewal } from '@carillon/db/attempts/leases';
import { afterEach, expect, test } from 'vitest';
import type { Claimed } from './claimed.ts';
import { createLeases, type Leases, leaseTable } from './leases.ts';

const MS = leaseTable(30);
const open: Leases[] = [];
afterEach(() => Promise.all(open.splice(0).map((leases) => leases.stop())));

/** Leases whose clocks the test moves and whose PostgreSQL is `renewed`. */
function world(renewLeases: (renewals: readonly Renewal[]) => Promise<ReadonlyMap<string, boolean>>) {
  const clock = { monotonic: 1000, wall: 1_800_000_000_000 };
  const errors: unknown[] = [];
  const leases = createLeases({
    ms: MS,
    renewLeases,
    onError: (error) => errors.push(error),
    monotonic: () => clock.monotonic,
    wall: () => clock.wall,
  });
  open.push(leases);
  const pass = (ms: number) => {
    clock.monotonic += ms;
    clock.wall += ms;
  };
  const claim = (id: string, priority: Claimed['priority'] = 'normal'): Claimed => {
    const leaseEndsAt = clock.monotonic + MS[priority];
    const claimed = { id, priority, leaseToken: `token of ${id}`, leaseEndsAt } as Claimed;
    leases.hold(claimed);
    return claimed;
  };
  return { leases, clock, errors, pass, claim };
}
const everyone = async (renewals: readonly Renewal[]) => new Map(renewals.map(({ id }) => [id, true]));

test('a call may be written until shortly before its lease ends, not after', () => {
  const { leases, pass, claim } = world(everyone);
  const claimed = claim('a', 'critical');
  pass(14_400);
  expect(leases.mayWrite(claimed)).toBe(true);
  pass(200);
  expect(leases.mayWrite(claimed)).toBe(false);
});

test('time that only one of the clocks counted is included: a suspended machine, or a clock set back', () => {
  const suspended = world(everyone);
  const first = suspended.claim('a');
  suspended.clock.wall += 60_000;
  expect(suspended.leases.mayWrite(first)).toBe(false);

  const setBack = world(everyone);
  const second = setBack.claim('a');
  setBack.clock.wall -= 3_600_000;
  setBack.clock.monotonic += 60_000;
  expect(setBack.leases.mayWrite(second)).toBe(false);
});

test('leases more than half over are renewed, in one statement, and hold from before the statement was sent', async () => {
  const asked: (readonly Renewal[])[] = [];
  const { leases, clock, pass, claim } = world(async (renewals) => {
    asked.push(renewals);
    pass(4000);
    return everyone(renewals);
  });
  const [old, older] = [claim('old'), claim('older', 'critical')];
  pass(16_000);
  const young = claim('young');
  const before = clock.monotonic;
  await leases.renew();
  expect(asked).toEqual([
    [
      { id: 'old', leaseToken: 'token of old', leaseMs: 30_000 },
      { id: 'older', leaseToken: 'token of older', leaseMs: 15_000 },
    ],
  ]);
  clock.monotonic = before + 29_000;
  expect([old, older, young].map((each) => leases.stands(each))).toEqual([true, false, true]);
  clock.monotonic = before + 29_600;
  expect(leases.stands(old)).toBe(false);
});

test('nothing is written under a lease that another worker holds by now, however young it looks', async () => {
  const { leases, pass, claim } = world(async () => new Map());
  const claimed = claim('a');
  pass(16_000);
  await leases.renew();
  expect(leases.mayWrite(claimed)).toBe(false);
  expect(leases.inHand()).toEqual({ unwritten: [], written: 0 });
});

test('PostgreSQL away: nothing is extended', async () => {
  const { leases, pass, claim } = world(() => Promise.reject(new Error('away')));
  const claimed = claim('a');
  pass(16_000);
  await expect(leases.renew()).rejects.toThrow('away');
  expect(leases.mayWrite(claimed)).toBe(true);
  pass(14_000);
  expect(leases.mayWrite(claimed)).toBe(false);
});

test('a released claim is not renewed, nor is one in hand for a quarter of an hour', async () => {
  const asked: string[] = [];
  const { leases, pass, claim } = world((renewals) => {
    asked.push(...renewals.map(({ id }) => id));
    return everyone(renewals);
  });
  const [done] = [claim('done'), claim('forgotten')];
  leases.letGo(done!);
  for (let minute = 0; minute < 20; minute++) {
    pass(60_000);
    await leases.renew();
  }
  expect(new Set(asked)).toEqual(new Set(['forgotten']));
  expect(asked).toHaveLength(15);
});

test('a process that stops writes nothing more, and reports what it may have written', () => {
  const { leases, claim } = world(everyone);
  const [written, waiting] = [claim('written'), claim('waiting')];
  expect(leases.mayWrite(written)).toBe(true);
  expect(leases.stands(waiting)).toBe(true);
  leases.forbidWrites();
  expect(leases.mayWrite(waiting)).toBe(false);
  expect(leases.inHand()).toEqual({ unwritten: [waiting], written: 1 });
  expect(leases.refusal()).toEqual({ reason: 'the worker stops: given back unsent', retryInMs: 0 });
});
