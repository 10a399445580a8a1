import { expect, test } from 'vitest';
import { createLoginThrottle } from './login-throttle.ts';

function throttleAt(): { throttle: ReturnType<typeof createLoginThrottle>; pass: (ms: number) => void } {
  let time = 0;
  return {
    throttle: createLoginThrottle(() => time),
    pass: (ms) => {
      time += ms;
    },
  };
}

test('five failures cause no wait, further ones double it up to 30 s', () => {
  const { throttle, pass } = throttleAt();
  for (let i = 0; i < 4; i++) throttle.failed('ada', '192.0.2.1');
  expect(throttle.waitMs('ada', '192.0.2.1')).toBe(0);

  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    throttle.failed('ada', `192.0.2.${i}`);
    waits.push(throttle.waitMs('ada', 'elsewhere'));
    pass(waits.at(-1)!);
    expect(throttle.waitMs('ada', 'elsewhere')).toBe(0);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('one address that tries many accounts is throttled for any further account', () => {
  const { throttle } = throttleAt();
  for (let i = 0; i < 21; i++) throttle.failed(`user-${i}`, '192.0.2.1');
  expect(throttle.waitMs('never tried', '192.0.2.1')).toBe(2000);
  expect(throttle.waitMs('never tried', '192.0.2.2')).toBe(0);
});

test('a success resets the account but not the address', () => {
  const { throttle } = throttleAt();
  for (let i = 0; i < 25; i++) throttle.failed('ada', '192.0.2.1');
  throttle.succeeded('ada');
  expect(throttle.waitMs('ada', '192.0.2.9')).toBe(0);
  expect(throttle.waitMs('ada', '192.0.2.1')).toBeGreaterThan(0);
});

test('an hour without failures resets the count', () => {
  const { throttle, pass } = throttleAt();
  for (let i = 0; i < 10; i++) throttle.failed('ada', '192.0.2.1');
  pass(60 * 60_000);
  throttle.failed('ada', '192.0.2.1');
  expect(throttle.waitMs('ada', '192.0.2.1')).toBe(0);
});
