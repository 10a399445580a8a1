import { signOf } from '@carillon/core/provider/breaker';
import { describe, expect, test } from 'vitest';
import { enhancedCode, type SmtpStage, smtpMeaning } from './codes.ts';
import { SMTP_ENHANCED } from './enhanced-codes.ts';

const meaning = (stage: SmtpStage, text: string) =>
  smtpMeaning({ code: Number(text.slice(0, 3)), enhanced: enhancedCode(text), stage, text });
/** `class about`, and whether another account is tried. */
const said = (stage: SmtpStage, text: string): string => {
  const { class: kind, about, othersMayTake } = meaning(stage, text);
  return `${kind} ${about}${othersMayTake ? ', next account' : ''}`;
};
const signs = (stage: SmtpStage, text: string) =>
  signOf({ ...meaning(stage, text), code: '', message: '', phase: 'answered' });

describe('the meaning and the subject of a reply', () => {
  test.each<[SmtpStage, string, string]>([
    // Connecting and setting up (RFC 5321, 3207, 4954, 7504).
    ['greeting', '421 4.3.2 Too busy', 'transient provider'],
    ['greeting', '421 Too many concurrent connections', 'throttled account'],
    ['greeting', '421 4.7.0 Try again later', 'throttled account'],
    ['greeting', '450 4.3.2 Not yet', 'transient provider'],
    ['greeting', '521 host.example does not accept mail', 'misconfigured account'],
    ['greeting', '554 5.7.1 Your address is listed', 'misconfigured account'],
    ['hello', '501 Syntax error', 'misconfigured account'],
    ['hello', '504 5.5.2 need fully-qualified hostname', 'misconfigured account'],
    ['hello', '550 Access denied', 'misconfigured account'],
    ['tls', '454 4.7.0 TLS not available due to temporary reason', 'transient provider'],
    ['tls', '502 5.5.1 Not implemented', 'misconfigured account'],
    ['login', '454 4.7.0 Temporary authentication failure', 'transient provider'],
    ['login', '454 4.7.0 Too many login attempts', 'throttled account'],
    ['login', '432 4.7.12 A password transition is needed', 'misconfigured account'],
    ['login', '421 4.7.0 Try again later', 'throttled account'],
    ['login', '530 5.7.0 Authentication required', 'misconfigured account'],
    ['login', '534 5.7.9 Mechanism is too weak', 'misconfigured account'],
    ['login', '535 5.7.8 Bad credentials', 'misconfigured account'],
    ['login', '538 5.7.11 Encryption required', 'misconfigured account'],
    ['login', '500 5.5.6 Line too long', 'misconfigured account'],
    // MAIL FROM.
    ['sender', '450 4.1.8 Sender address rejected: domain not found', 'transient sender'],
    ['sender', '451 4.3.0 Try again', 'transient provider'],
    ['sender', '452 4.3.1 Insufficient system storage', 'transient provider'],
    ['sender', '454 4.7.0 Throttling failure', 'throttled account'],
    ['sender', '530 5.7.0 Must issue STARTTLS first', 'misconfigured account'],
    ['sender', '550 5.1.1 Sender unknown', 'misconfigured sender'],
    ['sender', '550 5.7.60 No permission to send as this sender', 'misconfigured sender'],
    ['sender', '553 5.7.1 Sender address rejected', 'misconfigured sender'],
    ['sender', '553 Not yours', 'misconfigured sender'],
    ['sender', '552 5.3.4 Message size exceeds fixed limit', 'rejected message, next account'],
    ['sender', '552 Too large', 'rejected message, next account'],
    ['sender', '555 5.5.4 Unsupported option', 'rejected provider, next account'],
    // RCPT TO.
    ['recipient', '450 4.2.0 Greylisted', 'transient recipient'],
    ['recipient', '450 4.2.1 Receiving mail too quickly', 'transient recipient'],
    ['recipient', '451 4.7.1 Greylisting in action', 'transient recipient'],
    ['recipient', '450 Mailbox busy', 'transient recipient'],
    ['recipient', '452 4.2.2 Mailbox full', 'transient recipient'],
    ['recipient', '452 Mailbox is over quota', 'transient recipient'],
    ['recipient', '452 4.3.1 Insufficient system storage', 'transient provider'],
    ['recipient', '452 Insufficient system storage', 'transient provider'],
    ['recipient', '452 4.5.3 Too many recipients', 'throttled account'],
    ['recipient', '451 4.3.0 Temporary lookup failure', 'transient provider'],
    ['recipient', '450 4.7.1 Too many messages', 'throttled account'],
    ['recipient', '421 4.2.1 Service not available', 'transient provider'],
    ['recipient', '550 5.1.1 No such user', 'bad_recipient recipient'],
    ['recipient', '550-5.1.1 The account does not\n550 5.1.1 exist', 'bad_recipient recipient'],
    ['recipient', '550 #5.1.10 null MX', 'bad_recipient recipient'],
    ['recipient', '556 Domain does not accept mail', 'bad_recipient recipient'],
    ['recipient', '550 5.2.1 Mailbox disabled', 'bad_recipient recipient'],
    ['recipient', '552 5.2.2 Mailbox full', 'rejected recipient'],
    ['recipient', '552 Exceeded storage allocation', 'rejected recipient'],
    ['recipient', '550 5.4.1 Recipient address rejected: Access denied', 'rejected recipient, next account'],
    ['recipient', '550 No such user', 'rejected recipient, next account'],
    ['recipient', '551 User not local', 'rejected recipient, next account'],
    ['recipient', '550 5.7.1 Spam', 'rejected sender, next account'],
    ['recipient', '554 5.7.1 Relay access denied', 'misconfigured account'],
    ['recipient', '454 4.7.1 Relay access denied', 'misconfigured account'],
    ['recipient', '450 4.7.1 <x>: Helo command rejected: Host not found', 'misconfigured account'],
    ['recipient', '450 4.7.25 Client host rejected: cannot find your hostname', 'misconfigured account'],
    ['recipient', '550 5.1.90 Daily limit reached', 'quota account'],
    ['recipient', '500 5.5.2 What', 'rejected provider, next account'],
    // The data and its end: there is one recipient, so 5.1.1 is about that one.
    ['data', '554 5.5.1 No valid recipients', 'rejected provider, next account'],
    ['end', '550 5.1.1 User unknown', 'bad_recipient recipient'],
    ['end', '452 4.2.2 Mailbox full', 'transient recipient'],
    ['end', '451 4.3.0 Try again', 'transient provider'],
    ['end', '552 5.2.2 Mailbox full', 'rejected recipient'],
    ['end', '552 5.3.4 Too big', 'rejected message, next account'],
    ['end', '554 5.6.0 Message content rejected', 'rejected message, next account'],
    ['end', '550 5.7.26 Unauthenticated mail', 'misconfigured sender'],
    ['end', '550 5.7.27 Sender has null MX', 'misconfigured sender'],
    ['end', '550 5.7.25 No reverse name', 'misconfigured account'],
    ['end', '550 5.7.28 Mail flood', 'throttled account'],
    ['end', '554 Rejected', 'rejected message, next account'],
  ])('%s: %s is %s', (stage, text, expected) => {
    expect(said(stage, text)).toBe(expected);
  });
});

test('an answer about one mailbox counts as healthy, one about the system as a failure', () => {
  for (const text of ['452 4.2.2 Mailbox full', '450 4.2.0 Greylisted', '450 4.2.1 Too quickly'])
    expect(signs('recipient', text)).toBe('success');
  expect(signs('sender', '450 4.1.8 Domain not found')).toBe('success');
  for (const text of ['451 4.3.0 Try again', '421 4.3.2 Too busy', '452 4.3.1 System storage'])
    expect(signs('recipient', text)).toBe('failure');
  expect(signs('recipient', '450 4.7.1 Too many messages')).toBe('nothing');
});

test('X.1, X.2 of every registered code are about an address, and never a failure of the provider', () => {
  for (const code of Object.keys(SMTP_ENHANCED).filter((each) => /^[12]\./.test(each) && each !== '1.90'))
    for (const stage of ['sender', 'recipient', 'end'] as const)
      for (const reply of [`450 4.${code} No`, `550 5.${code} No`])
        expect(signs(stage, reply), `${stage} ${reply}`).toBe('success');
});

test('whatever a server answers, it is certain: no rejection is a doubt', () => {
  const stages = ['greeting', 'hello', 'tls', 'login', 'sender', 'recipient', 'data', 'end'] as const;
  for (const stage of stages)
    for (let code = 400; code < 600; code++)
      expect(meaning(stage, `${code} No`).class, `${stage} ${code}`).not.toBe('in_doubt');
});

test.each([
  ['550 5.1.1 User unknown', '5.1.1'],
  ['550-5.7.26 one\n550 5.7.26 two', '5.7.26'],
  ['550-One\n550 5.1.1 two', '5.1.1'],
  ['550 #5.1.0 Address rejected', '5.1.0'],
  ['550 (5.1.1) User unknown', '5.1.1'],
  ['550 5.1.1: User unknown', '5.1.1'],
  ['550 10.0.0.1 is listed', undefined],
  ['550 5.1.1.2 what', undefined],
  ['550 User unknown', undefined],
])('%j has the enhanced code %s', (reply, code) => {
  expect(enhancedCode(reply)).toBe(code);
});
