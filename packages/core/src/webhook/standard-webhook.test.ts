import { expect, test } from 'vitest';
import { refuseWebhook, signWebhook } from './standard-webhook.ts';

/** The specification's own vector. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const GOOD = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: '1614265330',
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const NOW = new Date(1614265330_000);
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

test('the published vector is reproduced and accepted', () => {
  expect(signWebhook([SECRET], GOOD.id, 1614265330, GOOD.body)).toBe(GOOD.signature);
  expect(refuseWebhook(GOOD, [SECRET], NOW)).toBeNull();
});

test.each([
  ['body', { body: '{"test": 2432232315}' }, 'forged'],
  ['id', { id: 'msg_other' }, 'forged'],
  ['timestamp', { timestamp: '1614265331' }, 'forged'],
  ['signature of another version', { signature: GOOD.signature.replace('v1,', 'v1a,') }, 'forged'],
  ['signature cut short', { signature: GOOD.signature.slice(0, -8) }, 'forged'],
  ['no signature', { signature: '' }, 'malformed'],
  ['no id', { id: '' }, 'malformed'],
  ['a timestamp that is no number', { timestamp: '1614265330x' }, 'malformed'],
])('a tampered one is refused: %s', (_, change, why) => {
  expect(refuseWebhook({ ...GOOD, ...change }, [SECRET], NOW)).toBe(why);
});

test('another secret does not verify', () => {
  expect(refuseWebhook(GOOD, [OTHER], NOW)).toBe('forged');
});

test('while a secret rotates, either of the two fits on both sides', () => {
  expect(refuseWebhook(GOOD, [OTHER, SECRET], NOW)).toBeNull();
  const both = signWebhook([OTHER, SECRET], GOOD.id, 1614265330, GOOD.body);
  expect(refuseWebhook({ ...GOOD, signature: both }, [SECRET], NOW)).toBeNull();
  expect(refuseWebhook({ ...GOOD, signature: both }, [OTHER], NOW)).toBeNull();
});

test.each([-301, 301])('a good one that is %i s off is stale', (seconds) => {
  expect(refuseWebhook(GOOD, [SECRET], new Date(NOW.getTime() + seconds * 1000))).toBe('stale');
});

test.each([-300, 300])('one that is %i s off is just in time', (seconds) => {
  expect(refuseWebhook(GOOD, [SECRET], new Date(NOW.getTime() + seconds * 1000))).toBeNull();
});

test.each([-300_001, 300_001])('a good one that is %i ms off is stale', (ms) => {
  expect(refuseWebhook(GOOD, [SECRET], new Date(NOW.getTime() + ms))).toBe('stale');
});

test('a timestamp has at most twelve digits', () => {
  const signed = (timestamp: string) => {
    const signature = signWebhook([SECRET], GOOD.id, Number(timestamp), GOOD.body);
    return refuseWebhook({ ...GOOD, timestamp, signature }, [SECRET], NOW);
  };
  expect(signed('999999999999')).toBe('stale');
  expect(signed('9999999999999')).toBe('malformed');
});

test('a signature may come with fifteen others; any after them are ignored', () => {
  const others = (count: number) => Array(count).fill('v1,AAAA').join(' ');
  const refusal = (count: number) =>
    refuseWebhook({ ...GOOD, signature: `${others(count)} ${GOOD.signature}` }, [SECRET], NOW);
  expect(refusal(15)).toBeNull();
  expect(refusal(16)).toBe('forged');
});

test('an empty secret verifies nothing: a signature made with it is forged', () => {
  const signature = signWebhook(['whsec_'], GOOD.id, 1614265330, GOOD.body);
  expect(refuseWebhook({ ...GOOD, signature }, ['whsec_'], NOW)).toBe('forged');
});
