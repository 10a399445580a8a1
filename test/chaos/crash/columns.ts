import type { Channel } from '@carillon/core/notification/channel';
import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Environment } from '@carillon/core/notification/environment';
import type { GuaranteeClass } from '@carillon/core/provider/guarantee';
import type { Species } from '../load/species.ts';

/**
 * `slow` is accepted and answered late, `throttle` is asked to wait twice, `drop` is accepted and never answered,
 * `error` fails whenever it is tried.
 */
export type Word = 'ok' | 'slow' | 'throttle' | 'drop' | 'error';

/** The columns of the matrix: each guarantee class, the blind one under both policies that decide automatically. */
export interface Column {
  name: string;
  guarantee: GuaranteeClass;
  provider: string;
  environment: Environment;
  channel: Channel;
  policy: DeliveryPolicy;
  /** A recipient whom the provider treats as the word commands. */
  to(word: Word, n: string): Record<string, unknown>;
  content(n: string): Record<string, unknown>;
  /** How a doubt is settled, in a word and in a sentence; for the matrix in docs/reports/crash-points.md. */
  doubtEnds: readonly [word: string, sentence: string];
}

const email = (word: string, n: string) => ({ email: `${word}+${n}@example.com` });
const mailContent = (n: string) => ({ subject: `Message ${n}`, text: `This is message ${n}.` });
const NUMBER_OF = {
  ok: '+14155550123',
  slow: '+15005550013',
  throttle: '+15005550014',
  drop: '+15005550017',
  error: '+15005550015',
} as const;

export const COLUMNS: readonly Column[] = [
  {
    name: 'A (Resend)',
    guarantee: 'A',
    provider: 'resend',
    environment: 'live',
    channel: 'email',
    policy: 'resolve',
    to: email,
    content: mailContent,
    doubtEnds: ['once, by key', 'asked again under its key; the provider has it once'],
  },
  {
    name: 'B (Twilio)',
    guarantee: 'B',
    provider: 'twilio',
    environment: 'live',
    channel: 'sms',
    policy: 'resolve',
    to: (word) => ({ phone: NUMBER_OF[word] }),
    content: (n) => ({ text: `This is message ${n}.` }),
    doubtEnds: [
      'once, by lookup',
      'looked up, and sent again only if it is not there; the provider has it once',
    ],
  },
  {
    name: 'C (FCM)',
    guarantee: 'C',
    provider: 'fcm',
    environment: 'live',
    channel: 'push',
    policy: 'resolve',
    to: (word, n) => ({ push: { fcm_token: `${word}-${n}` } }),
    content: (n) => ({ title: `Message ${n}`, body: `This is message ${n}.` }),
    doubtEnds: ['replaced', 'sent again under its tag; the device shows one'],
  },
  {
    name: 'D (SMTP), at_least_once',
    guarantee: 'D',
    provider: 'smtp',
    environment: 'test',
    channel: 'email',
    policy: 'at_least_once',
    to: email,
    content: mailContent,
    doubtEnds: ['1 or 2', 'sent again at the deadline; one message or two'],
  },
  {
    name: 'D (SMTP), at_most_once',
    guarantee: 'D',
    provider: 'smtp',
    environment: 'test',
    channel: 'email',
    policy: 'at_most_once',
    to: email,
    content: mailContent,
    doubtEnds: ['0 or 1', 'never sent again; one message or none, and `dead` with its reason'],
  },
];

/** What the load generator needs of a column. */
export function speciesOf({ name, environment, channel }: Column): Species {
  return { name, weight: 1, environment, route: [channel], body: () => ({ to: {} }) };
}
