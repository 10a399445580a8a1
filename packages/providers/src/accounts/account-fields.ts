import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { hasEncodedWord } from '@carillon/core/provider/visible-text';
import { mailboxOf } from '@carillon/core/recipient/mailbox';
import { z } from 'zod';
import { ROUTING_SETTINGS } from './routing-settings.ts';

/**
 * The building blocks of the providers' settings schemas: fields that several have, and those that every account has.
 */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine((text) => URL.parse(text)?.username === '', 'must carry no user name; use credentials');
export const secret = z.string().min(1, 'must not be empty');
export const host = z.string().regex(/^[\w.:-]+$/, 'must be a host name or an IP address');
export const port = z.int().min(1).max(65_535);
export const sender = z.string().min(3).max(320);
export const mailSender = sender.refine(
  (text) => mailboxOf(text) !== null && !hasEncodedWord(text),
  'must be one sender address, such as Acme <hello@acme.example>',
);

export const common = {
  /** In the ledger, in metrics and in receipt URLs. */
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, - and _'),
  /** `test` keys must reach only the simulator: never give a real account that environment. */
  environments: z.array(z.enum(ENVIRONMENTS)).min(1),
  /** Lower is tried first; defaults by provider. */
  order: ROUTING_SETTINGS.order.optional(),
  /** Accounts of the same order share their traffic by weight; default 1. */
  weight: ROUTING_SETTINGS.weight.optional(),
  /** SMS: for cost estimates. */
  pricePerSegment: z
    .strictObject({
      amount: z.number().min(0),
      currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR'),
    })
    .optional(),
  /** SMS: only numbers with these prefixes (`+234`); without it, all. */
  prefixes: z
    .array(z.string().regex(/^\+[1-9]\d{0,10}$/, 'must be + and 1 to 11 digits'))
    .min(1)
    .optional(),
  /** How the account's receipts are authenticated (docs/receipts.md lists how each provider signs). */
  receipts: z
    .strictObject({
      /** Newest first; two during a rotation. */
      secrets: z.array(secret).min(1).max(2).optional(),
      /** SES: the trusted SNS topic. */
      topicArn: z
        .string()
        .regex(/^arn:aws(-cn)?:sns:/, 'must be the ARN of an SNS topic')
        .optional(),
      /** SES: the PEM of the SNS signing certificate, if it is pinned instead of fetched from SNS. */
      certificate: z
        .string()
        .regex(/^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----/, 'must be a certificate or public key in PEM')
        .optional(),
    })
    .optional(),
  /** Messages per second over all workers. Without it the account is not limited. */
  ratePerSecond: ROUTING_SETTINGS.ratePerSecond.optional(),
  /** File with the certificate authority to trust instead of the system's. */
  caFile: z.string().min(1).optional(),
};

/** Dial this host and port, whatever the provider's fixed address says. */
export const dial = { host: host.optional(), port: port.optional() };
export const withDial = <T extends { host?: string | undefined; port?: number | undefined }>(
  account: T,
): boolean => (account.host === undefined) === (account.port === undefined);
export const DIAL_TOGETHER = { path: ['host'], error: 'host and port go together: set both or neither' };
