import type { ProviderAccount } from '@carillon/providers/contract';
import { expect, test } from 'vitest';
import { createPermit, type Limiter, type PermitOptions } from './permit.ts';
import { createSeats } from './seats.ts';
import type { Claimed } from './steps.ts';

const CLAIMED = { priority: 'normal' } as Claimed;
const account = (ratePerSecond?: number) =>
  ({ id: 'smtp', adapter: { atOnce: 1 }, ratePerSecond }) as unknown as ProviderAccount;
const GRANTED: Limiter = { permit: async () => ({ granted: true }) };

const permitWith = (options: Partial<PermitOptions> = {}) =>
  createPermit({
    limiter: GRANTED,
    seats: createSeats(),
    breakers: { isOpen: () => false },
    seatWaitMs: 60_000,
    ...options,
  });
const given = async (step: ReturnType<ReturnType<typeof createPermit>>) => {
  const permitted = await step;
  if (!permitted.ok) throw new Error(`refused: ${JSON.stringify(permitted.end)}`);
  return permitted.leave;
};

test('what waited for a seat while the breaker opened is not sent into the outage, and costs nothing', async () => {
  let open = false;
  const permit = permitWith({ breakers: { isOpen: () => open } });
  const leave = await given(permit(CLAIMED, account()));
  const second = permit(CLAIMED, account());
  open = true;
  leave();
  expect(await second).toEqual({
    ok: false,
    end: { kind: 'unsent', retryInMs: 1000, reason: 'the breaker of smtp has opened' },
  });
  // It gave its seat back.
  open = false;
  await given(permit(CLAIMED, account()));
});

test('without a seat in time it waits elsewhere, and the limit has spent no permit on it', async () => {
  let permits = 0;
  const limiter: Limiter = {
    permit: async () => {
      permits++;
      return { granted: true };
    },
  };
  const permit = permitWith({ limiter, seatWaitMs: 1 });
  await given(permit(CLAIMED, account(10)));
  const end = { kind: 'unsent', retryInMs: 1000, reason: 'waits for a free connection to smtp' };
  expect(await permit(CLAIMED, account(10))).toEqual({ ok: false, end });
  expect(permits).toBe(1);
});

test('whoever the limit refuses, or fails, leaves the seat to the next', async () => {
  const seats = createSeats();
  const refusing = permitWith({
    seats,
    limiter: { permit: async () => ({ granted: false, retryInMs: 70 }) },
  });
  expect(await refusing(CLAIMED, account(10))).toMatchObject({ ok: false, end: { retryInMs: 70 } });
  const failing = permitWith({ seats, limiter: { permit: () => Promise.reject(new Error('away')) } });
  await expect(failing(CLAIMED, account(10))).rejects.toThrow('away');
  await given(permitWith({ seats })(CLAIMED, account(10)));
});

test('a process that stops lets nobody pass, and turns away at once who waits for a seat', async () => {
  const stopping = new AbortController();
  const permit = permitWith({ seats: createSeats(stopping.signal), stopping: stopping.signal });
  await given(permit(CLAIMED, account()));
  const waits = permit(CLAIMED, account());
  stopping.abort();
  const end = { kind: 'unsent', retryInMs: 0, reason: 'the worker stops: given back unsent' };
  expect(await waits).toEqual({ ok: false, end });
  expect(await permit(CLAIMED, account())).toEqual({ ok: false, end });
});
