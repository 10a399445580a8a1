import { OUTCOME_CLASSES, OUTCOME_SUBJECTS } from '@carillon/core/provider/outcome';
import { describe, expect, test } from 'vitest';
import { APNS_CODES } from '../apns/codes.ts';
import { FCM_CODES } from '../fcm/codes.ts';
import { GENERIC_CODES } from '../generic/send.ts';
import { POSTMARK_CODES, postmarkCode } from '../postmark/codes.ts';
import { RESEND_CODES } from '../resend/codes.ts';
import { SENDGRID_CODES } from '../sendgrid/codes.ts';
import { SES_CODES } from '../ses/codes.ts';
import { SMTP_CODES, SMTP_WORDS } from '../smtp/codes.ts';
import { SMTP_ENHANCED, SMTP_SUBJECTS } from '../smtp/enhanced-codes.ts';
import { TERMII_CODES } from '../termii/codes.ts';
import { TWILIO_CODES } from '../twilio/codes.ts';
import { WEB_PUSH_CODES } from '../web-push/send.ts';
import { type CodeTable, codeTable, type Meaning, meaningOf, refusedHere, whole } from './code-table.ts';

const TABLES: Record<string, CodeTable> = {
  resend: RESEND_CODES,
  sendgrid: SENDGRID_CODES,
  postmark: POSTMARK_CODES,
  ses: SES_CODES,
  twilio: TWILIO_CODES,
  termii: TERMII_CODES,
  fcm: FCM_CODES,
  apns: APNS_CODES,
  'web-push': WEB_PUSH_CODES,
  generic: GENERIC_CODES,
};
const SMTP_ENTRIES = [
  ...[...SMTP_WORDS, ...SMTP_CODES].map(({ means }) => means),
  ...[...Object.values(SMTP_ENHANCED), ...Object.values(SMTP_SUBJECTS)].flat(),
];

test('every code of every provider has an outcome class and a subject, and none is an acceptance', () => {
  for (const entry of [...Object.values(TABLES).flatMap((table) => Object.values(table)), ...SMTP_ENTRIES]) {
    const meaning = whole(entry);
    expect(OUTCOME_CLASSES).toContain(meaning.class);
    expect(meaning.class).not.toBe('accepted');
    expect(OUTCOME_SUBJECTS).toContain(meaning.about);
    if (meaning.othersMayTake) expect(meaning.class).toBe('rejected');
  }
});

/** `class about: codes`, so that each change of a meaning is visible in the diff. */
function listing(table: CodeTable): string {
  const groups = new Map<string, string[]>();
  for (const [code, entry] of Object.entries(table)) {
    const { class: kind, about, othersMayTake } = whole(entry);
    const key = `${kind} ${about}${othersMayTake ? ', next account' : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), code]);
  }
  return [...groups]
    .map(([key, codes]) => `${key}: ${codes.toSorted().join(' ')}`)
    .toSorted()
    .join('\n');
}

describe('the meaning of each provider code', () => {
  test.each(['resend', 'sendgrid', 'postmark', 'ses', 'twilio', 'termii', 'generic'])(
    '%s',
    async (provider) => {
      await expect(`${listing(TABLES[provider]!)}\n`).toMatchFileSnapshot(
        `../../../../test/contract/codes/${provider}.txt`,
      );
    },
  );
});

test.each([
  ...[21660, 21704, 21701, 21705, 21713, 20404, 10001, 90010, 21267, 21608, 21219, 30032].map(
    (code) => [code, 'misconfigured'] as const,
  ),
  [63038, 'quota'] as const,
])('Twilio %s is the account, not the message: %s', (code, kind) => {
  expect(meaningOf(TWILIO_CODES, String(code), 400).class).toBe(kind);
});

test('Twilio 21612 refuses a pair of sender and recipient: the next account is tried', () => {
  expect(meaningOf(TWILIO_CODES, '21612', 400)).toEqual(refusedHere('recipient'));
});

test('a person who said STOP, is blocked or costs premium rates is not reached by another account', () => {
  for (const code of ['21610', '30004', '30450', '21268'])
    expect(meaningOf(TWILIO_CODES, code, 400)).not.toHaveProperty('othersMayTake');
});

test('a Postmark code that looks like a status is not treated as one', () => {
  // A 500 without a code says nothing about sender signatures, but Postmark's code 500 does.
  expect(meaningOf(POSTMARK_CODES, postmarkCode(null), 500).class).toBe('in_doubt');
  expect(meaningOf(POSTMARK_CODES, postmarkCode({}), 503).class).toBe('in_doubt');
  expect(meaningOf(POSTMARK_CODES, postmarkCode(null), 401)).toEqual({
    class: 'misconfigured',
    about: 'account',
  });
  const sender = meaningOf(POSTMARK_CODES, postmarkCode({ ErrorCode: 401 }), 422);
  expect(sender).toEqual({ class: 'misconfigured', about: 'sender' });
  expect(meaningOf(POSTMARK_CODES, postmarkCode({ ErrorCode: 9999 }), 422)).toEqual({
    class: 'rejected',
    othersMayTake: true,
  });
});

test('the code takes precedence over the status, the status over the default', () => {
  const table: CodeTable = { sold_out: 'quota', 410: 'bad_recipient' };
  const classOf = (...asked: Parameters<typeof meaningOf>): Meaning['class'] => meaningOf(...asked).class;
  expect(classOf(table, 'sold_out', 500)).toBe('quota');
  expect(classOf(table, 'other', 410)).toBe('bad_recipient');
  expect(classOf(table, 'other', 429)).toBe('throttled');
  expect(classOf(table, undefined, 403)).toBe('misconfigured');
});

test('an unknown code ends no message while another account is left, and is never sent again blindly', () => {
  const unknown = { class: 'rejected', othersMayTake: true };
  for (const status of [400, 404, 409, 418, 422, 451, 499])
    expect(meaningOf({}, 'new', status)).toEqual(unknown);
  for (let status = 400; status < 500; status++)
    expect(meaningOf({}, 'new', status).class).not.toBe('in_doubt');
  for (const status of [0, 303, 500, 502, 503, 504, 599, 999])
    expect(meaningOf({}, 'new', status).class).toBe('in_doubt');
  expect(meaningOf({}, '__proto__', 400)).toEqual(unknown);
  expect(meaningOf({}, 'constructor', 400)).toEqual(unknown);
});

test('a code has one meaning: a table with a duplicate code is refused', () => {
  expect(() =>
    codeTable([
      ['quota', [1]],
      ['rejected', ['1']],
    ]),
  ).toThrow('the code 1 stands in the table twice');
});
