import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { hasEncodedWord } from '@carillon/core/provider/visible-text';
import { mailboxOf } from '@carillon/core/recipient/mailbox';
import { z } from 'zod';
import { ROUTING_SETTINGS } from './routing-settings.ts';

/**
 * The building blocks of the providers' settings schemas: fields that several have, and those that every account has.
 * The texts of `describe` are the help of form fields (`GET /v1/providers`), written for people who fill them in.
 */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine((text) => URL.parse(text)?.username === '', 'must carry no user name; use credentials');
export const secret = z.string().min(1, 'must not be empty');
export const baseUrl = httpUrl
  .optional()
  .describe("Another address of the provider's API: a region, or a proxy. Without it, the usual one.");
export const host = z
  .string()
  .regex(/^[\w.:-]+$/, 'must be a host name or an IP address')
  .describe('Host name or IP address of the server.');
export const port = z.int().min(1).max(65_535).describe('Port of the server.');
export const sender = z
  .string()
  .min(3)
  .max(320)
  .describe('The sender of messages that name none: a number in E.164, or a registered sender id.');
export const mailSender = sender
  .refine(
    (text) => mailboxOf(text) !== null && !hasEncodedWord(text),
    'must be one sender address, such as Acme <hello@acme.example>',
  )
  .describe('The sender of messages that name none: Acme <hello@acme.example>.');
/** @param otherwise its default, in words. */
export const lookupSettlesMs = (otherwise: number) =>
  z
    .int()
    .min(100)
    .max(3_600_000)
    .optional()
    .describe(
      "How long after a lost call a message that the provider's records lack was certainly not taken.",
    )
    .meta({ default: otherwise });
/** The text of a PEM file. */
export const pem = (form: RegExp, message: string) =>
  z.string().regex(form, message).meta({ multiline: true });

export const common = {
  /** In the ledger, in metrics and in receipt URLs. */
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, - and _'),
  environments: z
    .array(z.enum(ENVIRONMENTS))
    .min(1)
    .describe('Test keys must reach only the simulator: never give a real account the environment test.'),
  order: ROUTING_SETTINGS.order.optional().describe('Lower is tried first.'),
  weight: ROUTING_SETTINGS.weight
    .optional()
    .describe('Accounts of the same order share their traffic by weight.')
    .meta({ default: 1 }),
  pricePerSegment: z
    .strictObject({
      amount: z.number().min(0).describe('What one SMS segment costs, for estimates.'),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR')
        .describe('Of the price: EUR.'),
    })
    .optional()
    .meta({ channels: ['sms'] }),
  prefixes: z
    .array(z.string().regex(/^\+[1-9]\d{0,10}$/, 'must be + and 1 to 11 digits'))
    .min(1)
    .optional()
    .describe('Only numbers that begin so, such as +234. Without any, all numbers.')
    .meta({ channels: ['sms'] }),
  /** How the account's receipts are authenticated (docs/receipts.md lists how each provider signs). */
  receipts: z
    .strictObject({
      secrets: z
        .array(secret)
        .min(1)
        .max(2)
        .optional()
        .describe('What its receipts are signed with, the newest first; two while one is being replaced.'),
      topicArn: z
        .string()
        .regex(/^arn:aws(-cn)?:sns:/, 'must be the ARN of an SNS topic')
        .optional()
        .describe('The SNS topic whose receipts are trusted.')
        .meta({ providers: ['ses'] }),
      certificate: pem(
        /^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----/,
        'must be a certificate or public key in PEM',
      )
        .optional()
        .describe('The signing certificate of SNS in PEM, if it is pinned instead of fetched.')
        .meta({ providers: ['ses'] }),
    })
    .optional(),
  ratePerSecond: ROUTING_SETTINGS.ratePerSecond
    .optional()
    .describe('Messages per second over all workers. Without it the account is not limited.'),
  /** File with the certificate authority to trust instead of the system's. */
  caFile: z.string().min(1).optional(),
};

/** Dial this host and port, whatever the provider's fixed address says. */
export const dial = {
  host: host.optional().describe("Dial this host instead of the provider's address: a proxy or a test."),
  port: port.optional().describe('The port of that host; needed with it.'),
};
export const withDial = <T extends { host?: string | undefined; port?: number | undefined }>(
  account: T,
): boolean => (account.host === undefined) === (account.port === undefined);
export const DIAL_TOGETHER = { path: ['host'], error: 'host and port go together: set both or neither' };
