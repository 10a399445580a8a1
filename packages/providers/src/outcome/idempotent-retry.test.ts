import { type NotAccepted, OUTCOME_CLASSES } from '@carillon/core/provider/outcome';
import { expect, test } from 'vitest';
import { idempotentRetryEvidence } from './idempotent-retry.ts';

const adapter = { keyConflictCode: 'invalid_idempotent_request' };
const refusal = (kind: NotAccepted['class'], code: string, phase: NotAccepted['phase'] = 'answered') =>
  idempotentRetryEvidence(adapter, { class: kind, code, message: 'm', phase });

test('the same answer as the first time proves the acceptance', () => {
  expect(idempotentRetryEvidence(adapter, { class: 'accepted', providerMessageId: 'x' })).toBe('accepted');
});

test('a conflict of keys proves that the provider has the first body', () => {
  expect(refusal('rejected', 'invalid_idempotent_request')).toBe('known_key');
  expect(idempotentRetryEvidence({}, { class: 'rejected', code: 'a', message: 'm', phase: 'answered' })).toBe(
    'refused',
  );
});

test('a rejection of the message with the provider’s own code proves that the first call was not accepted', () => {
  expect(refusal('rejected', 'validation_error')).toBe('refused');
  expect(refusal('bad_recipient', 'bad_recipient')).toBe('refused');
});

test('a bare status, a refusal before the call, and everything that is not about the message prove nothing', () => {
  expect(refusal('rejected', 'http_404')).toBe('nothing');
  expect(refusal('rejected', 'invalid_message', 'started')).toBe('nothing');
  for (const kind of OUTCOME_CLASSES) {
    if (kind === 'accepted' || kind === 'rejected' || kind === 'bad_recipient') continue;
    expect(refusal(kind, 'concurrent_idempotent_requests')).toBe('nothing');
  }
});
