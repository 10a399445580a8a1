import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import { expect, test } from 'vitest';
import { laneContext } from '../../../../test/support/delivery-context.ts';
import type { Claimed } from './claimed.ts';
import { AccountLimits } from './concurrency-limits.ts';
import type { DeliveryParts, Limiter } from './context.ts';
import { permit } from './permit.ts';
import { NO_REPORT } from './report.ts';

const CLAIMED = { priority: 'normal' } as Claimed;
const account = (ratePerSecond?: number) =>
  ({ id: 'smtp', adapter: { atOnce: 1 }, ratePerSecond }) as unknown as ProviderAccount;
const GRANTED: Limiter = { permit: async () => ({ granted: true }) };

const permitWith = (parts: Partial<DeliveryParts> = {}) => {
  // Nothing here queries PostgreSQL.
  const context = laneContext({
    sql: undefined as unknown as Sql,
    limiter: GRANTED,
    accountWaitMs: 60_000,
    ...parts,
  });
  return (claimed: Claimed, account: ProviderAccount) => permit(context, claimed, account);
};
const given = async (step: ReturnType<typeof permit>) => {
  const permitted = await step;
  if (!permitted.ok) throw new Error(`refused: ${JSON.stringify(permitted.end)}`);
  return permitted.leave;
};
const breakersThat = (isOpen: () => boolean) => ({
  ...laneContext({ sql: undefined as unknown as Sql }).breakers,
  isOpen,
});

test('a delivery that waited for a slot while the breaker opened is not sent into the outage, and costs nothing', async () => {
  let open = false;
  const permit = permitWith({ breakers: breakersThat(() => open) });
  const leave = await given(permit(CLAIMED, account()));
  const second = permit(CLAIMED, account());
  open = true;
  leave();
  expect(await second).toEqual({
    ok: false,
    end: { kind: 'unsent', retryInMs: 1000, reason: 'the breaker of smtp has opened' },
  });
  // It released its slot.
  open = false;
  await given(permit(CLAIMED, account()));
});

test('without a slot in time it waits elsewhere, and no permit of the limit is spent', async () => {
  let permits = 0;
  const limiter: Limiter = {
    permit: async () => {
      permits++;
      return { granted: true };
    },
  };
  const permit = permitWith({ limiter, accountWaitMs: 1 });
  await given(permit(CLAIMED, account(10)));
  const end = { kind: 'unsent', retryInMs: 1000, reason: 'waits for a free connection to smtp' };
  expect(await permit(CLAIMED, account(10))).toEqual({ ok: false, end });
  expect(permits).toBe(1);
});

test('a delivery that the limit refuses, or that fails, releases its slot', async () => {
  const accountLimits = new AccountLimits();
  const refusing = permitWith({
    accountLimits,
    limiter: { permit: async () => ({ granted: false, retryInMs: 70 }) },
  });
  expect(await refusing(CLAIMED, account(10))).toMatchObject({ ok: false, end: { retryInMs: 70 } });
  const failing = permitWith({ accountLimits, limiter: { permit: () => Promise.reject(new Error('away')) } });
  await expect(failing(CLAIMED, account(10))).rejects.toThrow('away');
  await given(permitWith({ accountLimits })(CLAIMED, account(10)));
});

test('a process that stops admits no delivery, and refuses at once those that wait for a slot', async () => {
  const stopping = new AbortController();
  const permit = permitWith({ stopping: stopping.signal });
  await given(permit(CLAIMED, account()));
  const waits = permit(CLAIMED, account());
  stopping.abort();
  const end = { kind: 'unsent', retryInMs: 0, reason: 'the worker stops: given back unsent' };
  expect(await waits).toEqual({ ok: false, end });
  expect(await permit(CLAIMED, account())).toEqual({ ok: false, end });
});

test('the wait for a permit of an account with a rate is reported, and whether it was given', async () => {
  const reported: [string, boolean][] = [];
  const report = {
    ...NO_REPORT,
    permit: (provider: string, seconds: number, granted: boolean) => {
      expect(seconds).toBeGreaterThanOrEqual(0);
      reported.push([provider, granted]);
    },
  };
  await given(permitWith({ report })(CLAIMED, account()));
  await given(permitWith({ report })(CLAIMED, account(10)));
  const limiter: Limiter = { permit: async () => ({ granted: false, retryInMs: 70 }) };
  await permitWith({ report, limiter })(CLAIMED, account(10));
  expect(reported).toEqual([
    ['smtp', true],
    ['smtp', false],
  ]);
});
