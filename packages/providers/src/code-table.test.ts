import { OUTCOME_CLASSES } from '@carillon/core/outcome';
import { expect, test } from 'vitest';
import { type CodeTable, classOf } from './code-table.ts';
import { RESEND_CODES } from './email/resend.ts';
import { SENDGRID_CODES } from './email/sendgrid.ts';
import { SES_CODES } from './email/ses.ts';
import { SMTP_CODES } from './email/smtp-codes.ts';
import { GENERIC_CODES } from './http/generic.ts';
import { APNS_CODES } from './push/apns-codes.ts';
import { FCM_CODES } from './push/fcm-codes.ts';
import { WEB_PUSH_CODES } from './push/web-push.ts';
import { TERMII_CODES } from './sms/termii.ts';
import { TWILIO_CODES } from './sms/twilio.ts';

const TABLES: CodeTable[] = [
  RESEND_CODES,
  SENDGRID_CODES,
  SES_CODES,
  TWILIO_CODES,
  TERMII_CODES,
  FCM_CODES,
  APNS_CODES,
  WEB_PUSH_CODES,
  GENERIC_CODES,
];

test('every code of every provider means one of our classes, and none is an acceptance', () => {
  const classes = [...TABLES.flatMap((table) => Object.values(table)), ...SMTP_CODES.map((row) => row.class)];
  for (const outcome of classes) {
    expect(OUTCOME_CLASSES).toContain(outcome);
    expect(outcome).not.toBe('accepted');
  }
});

test('the code wins over the status, the status over the default', () => {
  const table: CodeTable = { sold_out: 'quota', 410: 'bad_recipient' };
  expect(classOf(table, 'sold_out', 500)).toBe('quota');
  expect(classOf(table, 'other', 410)).toBe('bad_recipient');
  expect(classOf(table, 'other', 429)).toBe('throttled');
  expect(classOf(table, undefined, 403)).toBe('misconfigured');
});

test('the unknown is never sent again blindly: 4xx is final, everything else a doubt', () => {
  for (let status = 400; status < 500; status++) expect(classOf({}, 'new', status)).not.toBe('in_doubt');
  for (const status of [0, 303, 500, 502, 503, 504, 599, 999])
    expect(classOf({}, 'new', status)).toBe('in_doubt');
  expect(classOf({}, '__proto__', 400)).toBe('rejected');
  expect(classOf({}, 'constructor', 400)).toBe('rejected');
});
