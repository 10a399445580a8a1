import { expect, test } from 'vitest';
import { failureOutcome } from './call-failure.ts';

const withCode = (code: string, cause?: unknown) => Object.assign(new Error('words', { cause }), { code });

test('an error before the first byte is transient, even if wrapped', () => {
  const wrapped = new TypeError('fetch failed', {
    cause: new Error('x', { cause: withCode('ECONNREFUSED') }),
  });
  expect(failureOutcome('Acme', wrapped)).toMatchObject({
    class: 'transient',
    code: 'connection_refused',
    phase: 'started',
  });
  const bothFamilies = new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]);
  expect(failureOutcome('Acme', bothFamilies)).toMatchObject({
    class: 'transient',
    code: 'connection_refused',
  });
});

test.each([
  ['ENOTFOUND', 'dns_failed'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect_timeout'],
  ['CERT_HAS_EXPIRED', 'tls_failed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_failed'],
])('%s is certain: %s', (code, ours) => {
  expect(failureOutcome('Acme', withCode(code))).toMatchObject({
    class: 'transient',
    code: ours,
    phase: 'started',
  });
});

test.each([
  ['ECONNRESET', 'connection_reset'],
  ['EPIPE', 'connection_reset'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout'],
  ['HPE_INVALID_CONSTANT', 'invalid_answer'],
  ['SOMETHING_NEW', 'connection_failed'],
])('%s, without knowing how far it came, is a doubt: %s', (code, ours) => {
  expect(failureOutcome('Acme', withCode(code))).toMatchObject({
    class: 'in_doubt',
    code: ours,
    phase: 'written',
  });
});

test('the recorded phase takes precedence over the kind of error', () => {
  expect(failureOutcome('Acme', withCode('ECONNRESET'), 'started')).toMatchObject({ class: 'transient' });
  expect(failureOutcome('Acme', withCode('ECONNREFUSED'), 'written')).toMatchObject({ class: 'in_doubt' });
});

test('anything can be thrown, even a circle of causes', () => {
  const circle = withCode('X');
  circle.cause = circle;
  for (const thrown of [circle, undefined, null, 'text', 7, { code: 5 }]) {
    expect(failureOutcome('Acme', thrown)).toMatchObject({ class: 'in_doubt', code: 'connection_failed' });
  }
});

test('the message never repeats the text of the error', () => {
  const outcome = failureOutcome('Acme', new Error('connect to https://key:secret@acme.example failed'));
  expect(outcome.message).not.toContain('secret');
});
