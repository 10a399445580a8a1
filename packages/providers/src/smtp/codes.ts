import {
  type Meaning,
  misconfigured,
  type RefusalClass,
  refusedEverywhere,
  refusedHere,
  throttled,
  transient,
  whole,
} from '../outcome/code-table.ts';
import { SMTP_ENHANCED, SMTP_SUBJECTS } from './enhanced-codes.ts';

/** The stage of a reply: the later, the more of the message the server has. */
export const SMTP_STAGES = [
  'greeting',
  'hello',
  'tls',
  'login',
  'sender',
  'recipient',
  'data',
  /** The dot that ends the data. */
  'end',
] as const;
export type SmtpStage = (typeof SMTP_STAGES)[number];

export interface SmtpReply {
  /** The three digits, 400 to 599. */
  code: number;
  /** `5.1.1`, if the server sends one. */
  enhanced: string | undefined;
  stage: SmtpStage;
  /** The whole reply: some servers give the reason only as text. */
  text: string;
}

type Entry = RefusalClass | Meaning;

interface Row {
  codes: RegExp;
  stages?: readonly SmtpStage[];
  words?: RegExp;
  means: Entry;
}

const SETTING_UP: readonly SmtpStage[] = ['greeting', 'hello', 'tls', 'login'];
const CONTENT: readonly SmtpStage[] = ['data', 'end'];
const OF_THE_MESSAGE: readonly SmtpStage[] = ['sender', 'recipient', ...CONTENT];

const LOGIN_NEEDED = /^53[0458]$/;
/** Postfix rejects the EHLO name at RCPT TO, also with 450. */
const OUR_NAME = /\b(helo|ehlo)\b/i;

/** By text, whatever the code. The first match counts. */
export const SMTP_WORDS: readonly Row[] = [
  { codes: /^[45]/, words: OUR_NAME, means: misconfigured('account') },
  // Without a login this server accepts mail for its own domains only; also as 454 4.7.1.
  {
    codes: /^[45]/,
    words:
      /relay(ing)? (access )?(is )?(denied|not (permitted|allowed)|prohibited)|(unable|not (permitted|allowed)) to relay/i,
    means: misconfigured('account'),
  },
  // The sending IP address has no reverse DNS name, which the operator must fix; also as 450 4.7.1.
  {
    codes: /^[45]/,
    words: /cannot find your (reverse )?hostname|\breverse (dns|hostname|lookup)|\b(r-?dns|ptr)\b/i,
    means: misconfigured('account'),
  },
  { codes: /^4/, stages: OF_THE_MESSAGE, words: /gr[ea]y-?list/i, means: transient('recipient') },
  {
    codes: /^4/,
    stages: OF_THE_MESSAGE,
    words: /(mailbox|inbox) .*full|over ?quota|quota exceeded/i,
    means: transient('recipient'),
  },
];

/** By code and stage alone (RFC 5321, section 4.2.3; RFC 4954; RFC 7504). The first match counts. */
export const SMTP_CODES: readonly Row[] = [
  { codes: /^421/, words: /too many|rate|throttl/i, means: throttled('account') },
  { codes: /^421/, means: transient('provider') },
  // A password transition is needed (RFC 4954).
  { codes: /^432/, means: misconfigured('account') },
  { codes: /^4/, words: /too (many|fast|quickly)|rate limit|throttl/i, means: throttled('account') },
  { codes: /^4/, stages: [...SETTING_UP, 'sender'], means: transient('provider') },
  // Busy, locked, greylisted; or full, unless it is the system's storage.
  { codes: /^450/, means: transient('recipient') },
  { codes: /^452/, stages: ['recipient'], words: /storage|disk|system/i, means: transient('provider') },
  { codes: /^452/, stages: ['recipient'], means: transient('recipient') },
  { codes: /^4/, means: transient('provider') },
  { codes: LOGIN_NEEDED, means: misconfigured('account') },
  // Nothing of the message is known yet: the cause is this client, or the server accepts no mail (521).
  { codes: /^5/, stages: SETTING_UP, means: misconfigured('account') },
  // A command or parameter that this server does not know.
  { codes: /^(50[0234]|555)/, means: refusedHere('provider') },
  // Larger than SIZE allows.
  { codes: /^(552|523)/, stages: ['sender'], means: refusedHere('message') },
  { codes: /^5/, stages: ['sender'], means: misconfigured('sender') },
  // The domain accepts no mail at all.
  { codes: /^556/, means: 'bad_recipient' },
  // Without an enhanced code a 550 says nothing about whether the address or the message is bad, so it suppresses
  // nothing.
  { codes: /^552/, stages: ['recipient'], means: refusedEverywhere('recipient') },
  { codes: /^5/, stages: ['recipient'], means: refusedHere('recipient') },
  { codes: /^552/, words: /mailbox|quota/i, means: refusedEverywhere('recipient') },
  { codes: /^5/, stages: CONTENT, means: refusedHere('message') },
];

/**
 * The meaning of a rejection. A message has one recipient here, so 5.1.1 after DATA is about that one too.
 *
 * @returns the class and the subject: only X.1 to X.2 of a named recipient suppress its address.
 */
export function smtpMeaning(reply: SmtpReply): Meaning {
  const named = first(SMTP_WORDS, reply) ?? byEnhancedCode(reply) ?? first(SMTP_CODES, reply) ?? 'in_doubt';
  return whole(named);
}

function byEnhancedCode({ code, enhanced, stage }: SmtpReply): Entry | undefined {
  const [, subject, detail] = enhanced?.split('.') ?? [];
  if (subject === undefined || subject === '0') return undefined;
  // 530 and similar codes are about logging in, whatever else is said.
  if (LOGIN_NEEDED.test(String(code))) return undefined;
  const isPermanent = code >= 500;
  // During connection set-up nothing is about a message ...
  if (SETTING_UP.includes(stage) && (isPermanent || subject !== '7')) return undefined;
  // ... and 454 4.7.0 to STARTTLS or AUTH is an outage, not a limit (RFC 3207, 4954).
  if ((stage === 'tls' || stage === 'login') && code !== 421) return undefined;
  // The connection is closed, whatever else is said: this says nothing about an address.
  if (code === 421 && subject !== '7') return undefined;
  const row = SMTP_ENHANCED[`${subject}.${detail}`] ?? SMTP_SUBJECTS[subject];
  const entry = row?.[isPermanent ? 1 : 0];
  return entry !== undefined && stage === 'sender' ? ofTheSender(entry, isPermanent) : entry;
}

/** At MAIL FROM there is no recipient yet: codes about an address are about the sender. */
function ofTheSender(entry: Entry, isPermanent: boolean): Entry {
  const { about } = whole(entry);
  if (about !== 'recipient' && about !== 'sender') return entry;
  return isPermanent ? misconfigured('sender') : transient('sender');
}

function first(rows: readonly Row[], { code, stage, text }: SmtpReply): Entry | undefined {
  return rows.find(
    ({ codes, stages, words }) =>
      codes.test(String(code)) && (stages?.includes(stage) ?? true) && (words?.test(text) ?? true),
  )?.means;
}

/** Whether the server rejects the name given in EHLO. */
export function blamesOurName({ stage, text }: SmtpReply): boolean {
  return stage === 'hello' || OUR_NAME.test(text);
}

/**
 * The first enhanced code of a reply of any number of lines, e.g. `550 5.1.1 User unknown`, `550 #5.1.0 Address
 * rejected`.
 */
export function enhancedCode(reply: string): string | undefined {
  return /^\d{3}[ -][#[(]?([245]\.\d{1,3}\.\d{1,3})(?![\d.])/m.exec(reply)?.[1];
}

/** @param command as nodemailer names it: `CONN`, `EHLO`, `AUTH PLAIN`, `MAIL FROM`, `RCPT TO`, `DATA` ... */
export function stageOf(command: string, dotWritten: boolean): SmtpStage {
  if (command === 'DATA') return dotWritten ? 'end' : 'data';
  if (command === 'MAIL FROM') return 'sender';
  if (command === 'RCPT TO') return 'recipient';
  if (command === 'STARTTLS') return 'tls';
  if (command.startsWith('AUTH')) return 'login';
  return /^(EHLO|HELO|LHLO)$/.test(command) ? 'hello' : 'greeting';
}
