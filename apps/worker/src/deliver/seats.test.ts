import type { Priority } from '@carillon/core/priority';
import type { ProviderAccount } from '@carillon/providers/contract';
import { expect, test } from 'vitest';
import { createSeats } from './seats.ts';

const account = (id: string, atOnce?: number) => ({ id, adapter: { atOnce } }) as unknown as ProviderAccount;
const LONG = 60_000;

test('an account carries as many calls as its adapter has connections, and the next begins when one ends', async () => {
  const seats = createSeats();
  const smtp = account('smtp', 2);
  const [first] = [await seats.take(smtp, 'bulk', LONG), await seats.take(smtp, 'bulk', LONG)];
  let third = 'waits';
  const taken = seats.take(smtp, 'bulk', LONG).then(() => {
    third = 'has it';
  });
  await expect(seats.take(smtp, 'bulk', 1)).resolves.toBeNull();
  expect(third).toBe('waits');
  first!();
  await taken;
  await expect(seats.take(account('other', 1), 'bulk', LONG)).resolves.not.toBeNull();
});

test('critical ones come first, others in the order in which they came', async () => {
  const seats = createSeats();
  const smtp = account('smtp', 1);
  const order: string[] = [];
  const leave = await seats.take(smtp, 'normal', LONG);
  const come = (name: string, priority: Priority) =>
    seats.take(smtp, priority, LONG).then((left) => {
      order.push(name);
      left!();
    });
  const all = [
    come('bulk', 'bulk'),
    come('normal 1', 'normal'),
    come('normal 2', 'normal'),
    come('otp', 'critical'),
  ];
  leave!();
  await Promise.all(all);
  expect(order).toEqual(['otp', 'normal 1', 'normal 2', 'bulk']);
});

test('an adapter without a bound carries whatever comes', async () => {
  const seats = createSeats();
  const apns = account('apns');
  const taken = await Promise.all(Array.from({ length: 1000 }, () => seats.take(apns, 'bulk', 0)));
  expect(taken).not.toContain(null);
});

test('a process that stops turns away who waits and who comes', async () => {
  const stopping = new AbortController();
  const seats = createSeats(stopping.signal);
  const smtp = account('smtp', 1);
  await seats.take(smtp, 'bulk', LONG);
  const waits = seats.take(smtp, 'bulk', LONG);
  stopping.abort();
  await expect(waits).resolves.toBeNull();
  await expect(seats.take(smtp, 'bulk', LONG)).resolves.toBeNull();
});
