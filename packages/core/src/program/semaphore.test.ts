import { expect, test } from 'vitest';
import { PRIORITIES, type Priority } from '../notification/priority.ts';
import { PrioritySemaphore } from './semaphore.ts';

const LONG_MS = 60_000;
const held = async (release: Promise<(() => void) | null>) => {
  const given = await release;
  if (!given) throw new Error('was not admitted');
  return given;
};
/** Whether it was admitted by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('a request that fits is admitted at once; one that does not waits for a release', async () => {
  const semaphore = new PrioritySemaphore(100);
  const first = await held(semaphore.acquire({ weight: 60, timeoutMs: 0 }));
  const second = await held(semaphore.acquire({ weight: 40, timeoutMs: 0 }));
  const third = semaphore.acquire({ weight: 30, timeoutMs: LONG_MS });
  expect(await isSettled(third)).toBe(false);
  second();
  (await held(third))();
  first();
});

test('a request that is not admitted in time gives up, and those behind it move up', async () => {
  const semaphore = new PrioritySemaphore(100);
  const most = await held(semaphore.acquire({ weight: 80 }));
  const large = semaphore.acquire({ weight: 50, timeoutMs: 1 });
  const small = semaphore.acquire({ weight: 20, timeoutMs: LONG_MS });
  expect(await large).toBeNull();
  expect(await small).not.toBeNull();
  most();
});

test('a large request is not starved by small ones', async () => {
  const semaphore = new PrioritySemaphore(100);
  const first = await held(semaphore.acquire({ weight: 60 }));
  const large = semaphore.acquire({ weight: 90, timeoutMs: LONG_MS });
  expect(await semaphore.acquire({ weight: 10, timeoutMs: 1 })).toBeNull();
  first();
  expect(await large).not.toBeNull();
});

test('what is larger than the capacity is admitted alone', async () => {
  const semaphore = new PrioritySemaphore(100);
  const all = await held(semaphore.acquire({ weight: 500 }));
  expect(await semaphore.acquire({ weight: 1, timeoutMs: 1 })).toBeNull();
  all();
  expect(await semaphore.acquire({ weight: 1, timeoutMs: 1 })).not.toBeNull();
});

test('releasing twice has the effect of releasing once', async () => {
  const semaphore = new PrioritySemaphore(100);
  const one = await held(semaphore.acquire({ weight: 60 }));
  await held(semaphore.acquire({ weight: 40 }));
  one();
  one();
  expect(await semaphore.acquire({ weight: 70, timeoutMs: 1 })).toBeNull();
});

test('higher priorities are admitted first, and within one first come, first served', async () => {
  const semaphore = new PrioritySemaphore(1);
  const order: string[] = [];
  const leave = await held(semaphore.acquire());
  const come = (name: string, priority: Priority) =>
    semaphore.acquire({ priority, timeoutMs: LONG_MS }).then((release) => {
      order.push(name);
      release!();
    });
  const all = [
    come('bulk', 'bulk'),
    come('normal 1', 'normal'),
    come('normal 2', 'normal'),
    come('otp', 'critical'),
  ];
  leave();
  await Promise.all(all);
  expect(order).toEqual(['otp', 'normal 1', 'normal 2', 'bulk']);
});

test('a new request does not overtake a waiting one of its own or a higher priority', async () => {
  const semaphore = new PrioritySemaphore(100);
  await held(semaphore.acquire({ weight: 60 }));
  const waits = semaphore.acquire({ weight: 50, priority: 'normal', timeoutMs: LONG_MS });
  for (const priority of ['normal', 'bulk'] as const)
    expect(await semaphore.acquire({ weight: 10, priority, timeoutMs: 1 })).toBeNull();
  expect(await semaphore.acquire({ weight: 10, priority: 'critical', timeoutMs: 1 })).not.toBeNull();
  expect(await isSettled(waits)).toBe(false);
});

test('without a limit everything is admitted', async () => {
  const semaphore = new PrioritySemaphore(Number.POSITIVE_INFINITY);
  const all = Array.from({ length: 1000 }, () => semaphore.acquire({ priority: 'bulk', timeoutMs: 0 }));
  expect(await Promise.all(all)).not.toContain(null);
});

test('an aborted signal rejects its waiting and new requests, and leaves the others', async () => {
  const semaphore = new PrioritySemaphore(1);
  const { signal, abort } = abortable();
  const leave = await held(semaphore.acquire());
  const waits = semaphore.acquire({ signal, timeoutMs: LONG_MS });
  const stays = semaphore.acquire({ timeoutMs: LONG_MS });
  abort();
  expect(await waits).toBeNull();
  leave();
  (await held(stays))();
  expect(await semaphore.acquire({ signal })).toBeNull();
});

test('a closed semaphore rejects waiting and new requests, and admitted work finishes', async () => {
  const semaphore = new PrioritySemaphore(1);
  let finish = (): void => {};
  const inside = semaphore.run(
    {},
    () => new Promise<string>((resolve) => (finish = () => resolve('finished'))),
  );
  const waits = PRIORITIES.map((priority) => semaphore.run({ priority }, async () => 'waited'));
  semaphore.close();
  expect(await Promise.all(waits)).toEqual([null, null, null]);
  finish();
  expect(await inside).toBe('finished');
  expect(await semaphore.run({}, async () => 'came')).toBeNull();
  expect(semaphore.isClosed).toBe(true);
});

test('work that throws releases its share', async () => {
  const semaphore = new PrioritySemaphore(1);
  await expect(semaphore.run({}, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(semaphore.run({}, async () => 'next')).resolves.toBe('next');
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
