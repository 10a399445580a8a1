import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Clock, createDeadlines, DeadlineError, withTimeout } from './deadline.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const silent = () => new Promise<never>(() => {});

describe('work with a deadline', () => {
  test('settles as the work does, with its result or its error', async () => {
    const deadlines = createDeadlines(1_000);
    await expect(deadlines.run(async () => 'done')).resolves.toBe('done');
    await expect(deadlines.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
  });

  test('is abandoned once the time is up, accurate to one sweep', async () => {
    const ended = createDeadlines(1_000, 200)
      .run(silent)
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(999);
    expect(await Promise.race([ended, 'open'])).toBe('open');
    await vi.advanceTimersByTimeAsync(201);
    expect(await ended).toBeInstanceOf(DeadlineError);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not count the time for which its clock is held', async () => {
    let clock: Clock | undefined;
    const ended = createDeadlines(1_000, 200)
      .run((own) => {
        clock = own;
        return silent();
      })
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(700);
    clock!.hold();
    clock!.hold();
    await vi.advanceTimersByTimeAsync(60_000);
    clock!.resume();
    clock!.resume();
    await vi.advanceTimersByTimeAsync(200);
    expect(await Promise.race([ended, 'open'])).toBe('open');
    await vi.advanceTimersByTimeAsync(400);
    expect(await ended).toBeInstanceOf(DeadlineError);
  });

  test('that fails after its deadline leaves no unhandled rejection', async () => {
    let fail: (error: Error) => void = () => {};
    const late = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const ended = createDeadlines(100)
      .run(() => late)
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(400);
    expect(await ended).toBeInstanceOf(DeadlineError);
    fail(new Error('late'));
    await vi.advanceTimersByTimeAsync(10);
  });
});

test('a single task with a timeout leaves no timer behind', async () => {
  await expect(withTimeout(100, Promise.resolve(1))).resolves.toBe(1);
  expect(vi.getTimerCount()).toBe(0);
  const ended = withTimeout(100, silent()).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(100);
  expect(await ended).toBeInstanceOf(DeadlineError);
});
