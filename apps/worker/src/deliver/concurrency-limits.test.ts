import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import type { ProviderAccount } from '@carillon/providers/contract';
import { expect, test } from 'vitest';
import { AccountLimits, laneLimit } from './concurrency-limits.ts';

test('a lane whose calls hang leaves room for the others that share its priority', async () => {
  const shared = new PrioritySemaphore(100);
  const [mail, text] = [
    laneLimit(new PrioritySemaphore(70), shared),
    laneLimit(new PrioritySemaphore(70), shared),
  ];
  const begun: string[] = [];
  let end = (): void => {};
  const hangs = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = (name: string) => async () => {
    begun.push(name);
    await hangs;
  };
  const runs = [mail.run(60, work('mail 1')), mail.run(40, work('mail 2')), text.run(40, work('text'))];
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual(['mail 1', 'text']);
  end();
  await Promise.all(runs);
  expect(begun).toEqual(['mail 1', 'text', 'mail 2']);
  shared.close();
  expect(mail.isClosed()).toBe(true);
  await expect(mail.run(1, async () => 'came')).resolves.toBeNull();
});

const account = (id: string, atOnce?: number) => ({ id, adapter: { atOnce } }) as unknown as ProviderAccount;

test('each account carries as many calls as its adapter has connections, over all lanes', async () => {
  const limits = new AccountLimits();
  const smtp = account('smtp', 2);
  const leave = await limits.of(smtp).acquire();
  await limits.of(smtp).acquire();
  expect(await limits.of(smtp).acquire({ timeoutMs: 1 })).toBeNull();
  expect(await limits.of(account('other', 1)).acquire({ timeoutMs: 1 })).not.toBeNull();
  leave!();
  expect(await limits.of(smtp).acquire({ timeoutMs: 1 })).not.toBeNull();
});

test('an adapter without a bound carries any number of calls', async () => {
  const limits = new AccountLimits();
  const taken = Array.from({ length: 1000 }, () => limits.of(account('apns')).acquire({ timeoutMs: 0 }));
  expect(await Promise.all(taken)).not.toContain(null);
});
