import { expect, test } from 'vitest';
import { readBehaviour } from './behaviour-request.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

test('only the provider is required; omitted and null fields mean normal service', () => {
  const plain = { provider: '*', mode: 'ok', latency_ms: 0, error_rate: 0, status: null, expires_at: null };
  expect(readBehaviour({ provider: '*' }, NOW)).toEqual(plain);
  expect(readBehaviour({ provider: '*', status: null, mode: null, for_seconds: null }, NOW)).toEqual(plain);
});

test('a status alone makes every request answer with it', () => {
  expect(readBehaviour({ provider: 'twilio', status: 503 }, NOW)).toMatchObject({
    error_rate: 1,
    status: 503,
  });
  expect(readBehaviour({ provider: 'twilio', status: 503, error_rate: 0.2 }, NOW)).toMatchObject({
    error_rate: 0.2,
  });
  expect(readBehaviour({ provider: 'twilio', status: 503, mode: 'outage' }, NOW)).toMatchObject({
    error_rate: 0,
  });
});

test('for_seconds becomes the time at which it ends', () => {
  expect(readBehaviour({ provider: 'fcm', mode: 'outage', for_seconds: 90 }, NOW)).toMatchObject({
    expires_at: '2026-01-01T00:01:30.000Z',
  });
});

test.each([
  [{ provider: 'nobody' }, 'provider', '"nobody"', 'resend'],
  [{}, 'provider', 'null', 'resend'],
  [{ provider: '*', mode: 'down' }, 'mode', '"down"', 'outage'],
  [{ provider: '*', latency_ms: -1 }, 'latency_ms', '-1', '600000'],
  [{ provider: '*', error_rate: 1.5 }, 'error_rate', '1.5', 'from 0 to 1'],
  [{ provider: '*', error_rate: '0.1' }, 'error_rate', '"0.1"', 'a number'],
  [{ provider: '*', status: 200 }, 'status', '200', 'from 400 to 599'],
  [{ provider: '*', status: 500.5 }, 'status', '500.5', 'whole'],
  [{ provider: '*', for_seconds: 0 }, 'for_seconds', '0', '86400'],
  [{ provider: 'fcm', status: 400, code: 'x' }, 'code', 'goes with a status', 'twilio'],
  [{ provider: 'twilio', code: '21612' }, 'code', 'goes with a status', 'twilio'],
  [{ provider: 'twilio', status: 400, code: 21612 }, 'code', '21612', '200 ASCII'],
  [{ provider: '*', latency: 5 }, 'latency', 'not a field', 'latency_ms'],
  [[], '', '[]', 'object'],
])('%j is refused with field, value and bound', (body, path, value, bound) => {
  const errors = readBehaviour(body, NOW);
  expect(errors).toHaveLength(1);
  expect(errors).toMatchObject([{ path }]);
  expect(JSON.stringify(errors).replaceAll('\\"', '"')).toContain(value);
  expect(JSON.stringify(errors)).toContain(bound);
});

test('all problems are reported together', () => {
  expect(readBehaviour({ provider: 'x', mode: 'y', status: 1 }, NOW)).toHaveLength(3);
});
