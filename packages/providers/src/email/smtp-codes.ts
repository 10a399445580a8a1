import type { RefusalClass } from '../code-table.ts';

/**
 * What an SMTP reply means (RFC 5321, enhanced codes of RFC 3463 and 5248). First row that fits wins. Without an
 * enhanced code a 550 says nothing about whether the address or the message is bad, so only named codes suppress.
 */
export interface SmtpReply {
  /** The three digits. */
  code: number;
  /** `5.1.1`, where the server gives one. */
  enhanced: string | undefined;
  /** The command it answered, as nodemailer names it: `MAIL FROM`, `RCPT TO`, `DATA`, `AUTH PLAIN` ... */
  command: string;
}

interface Row {
  codes: RegExp;
  enhanced?: RegExp;
  command?: RegExp;
  class: RefusalClass;
}

export const SMTP_CODES: readonly Row[] = [
  // 454 4.7.0 "Throttling failure" is Amazon SES; 4.7.28 and 4.7.1 are rate limits of large mailbox providers.
  { codes: /^4/, enhanced: /^4\.7\.(0|1|28)$/, class: 'throttled' },
  { codes: /^4/, class: 'transient' },
  { codes: /^53[0458]$/, class: 'misconfigured' },
  { codes: /^5/, command: /^AUTH/, class: 'misconfigured' },
  { codes: /^55[0134]$/, enhanced: /^5\.7\.(8|9|11)$/, class: 'misconfigured' },
  {
    codes: /^55[013]$/,
    enhanced: /^5\.(1\.(1|2|3|6|10)|2\.1)$/,
    command: /^RCPT TO$/,
    class: 'bad_recipient',
  },
  // The server will not have this sender, whoever the message is for.
  { codes: /^55[03]$/, command: /^MAIL FROM$/, class: 'misconfigured' },
  { codes: /^5/, class: 'rejected' },
];

export function smtpClass({ code, enhanced, command }: SmtpReply): RefusalClass {
  const row = SMTP_CODES.find(
    (candidate) =>
      candidate.codes.test(String(code)) &&
      (candidate.enhanced?.test(enhanced ?? '') ?? true) &&
      (candidate.command?.test(command) ?? true),
  );
  return row?.class ?? 'in_doubt';
}

/** The enhanced code of a reply line, e.g. `550 5.1.1 User unknown`. */
export function enhancedCode(reply: string): string | undefined {
  return /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(reply)?.[1];
}
