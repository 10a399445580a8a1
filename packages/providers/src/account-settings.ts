import { ENVIRONMENTS } from '@carillon/core/environment';
import { z } from 'zod';
import { PLACING } from './placing.ts';
import { TERMII_ROUTES } from './sms/termii-route.ts';

/**
 * The provider accounts of an installation, as they stand in the file that PROVIDERS_FILE names (docs/providers.md):
 * a JSON array of these. What an account may not do without is required here, so that a mistake is found when the
 * worker starts and not with the first message.
 */
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine((text) => URL.parse(text)?.username === '', 'must carry no user name; use credentials');
const secret = z.string().min(1, 'must not be empty');
const host = z.string().regex(/^[\w.:-]+$/, 'must be a host name or an IP address');
const port = z.int().min(1).max(65_535);
const sender = z.string().min(3).max(320);

const common = {
  /** In the ledger, in metrics and in receipt URLs. */
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, - and _'),
  /** `test` keys must reach only the simulator: never give a real account that environment. */
  environments: z.array(z.enum(ENVIRONMENTS)).min(1),
  /** Lower is tried first; defaults by provider. */
  order: PLACING.order.optional(),
  /** Accounts of the same order share their traffic by weight; 1 unless said. */
  weight: PLACING.weight.optional(),
  /** SMS: for cost estimates. */
  pricePerSegment: z
    .strictObject({
      amount: z.number().min(0),
      currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR'),
    })
    .optional(),
  /** SMS: only numbers that begin so (`+234`); without it, all. */
  prefixes: z
    .array(z.string().regex(/^\+[1-9]\d{0,10}$/, 'must be + and 1 to 11 digits'))
    .min(1)
    .optional(),
  /** How the account's receipts are told from anybody's (docs/providers.md says what each provider signs with). */
  receipts: z
    .strictObject({
      /** Newest first; two while one rotates. */
      secrets: z.array(secret).min(1).max(2).optional(),
      /** SES: the SNS topic that is believed. */
      topicArn: z
        .string()
        .regex(/^arn:aws(-cn)?:sns:/, 'must be the ARN of an SNS topic')
        .optional(),
      /** SES: the PEM that SNS signs with, where it is pinned instead of fetched from SNS. */
      certificate: z
        .string()
        .regex(/^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----/, 'must be a certificate or public key in PEM')
        .optional(),
    })
    .optional(),
  /** Messages per second over all workers. Without it the account is not limited. */
  ratePerSecond: PLACING.ratePerSecond.optional(),
  /** File with the certificate authority to trust instead of the system's. */
  caFile: z.string().min(1).optional(),
};

/** Dial this host and port, whatever the provider's fixed address says. */
const dial = { host: host.optional(), port: port.optional() };
const withDial = <T extends { host?: string | undefined; port?: number | undefined }>(account: T): boolean =>
  (account.host === undefined) === (account.port === undefined);
const DIAL_TOGETHER = { path: ['host'], error: 'host and port go together: set both or neither' };

const resend = z.strictObject({
  ...common,
  provider: z.literal('resend'),
  credentials: z.strictObject({ apiKey: secret }),
  /** The sender where a message names none: `Acme <hello@acme.example>`. */
  from: sender,
  baseUrl: httpUrl.optional(),
});

const sendgrid = z.strictObject({
  ...common,
  provider: z.literal('sendgrid'),
  credentials: z.strictObject({ apiKey: secret }),
  from: sender,
  /** The Email Activity add-on is bought and the key may read it: doubts are looked up. */
  emailActivity: z.boolean().optional(),
  /** How long after a lost call its absence from Email Activity is believed; ten minutes unless said. */
  lookupSettlesMs: z.int().min(100).max(3_600_000).optional(),
  /** `https://api.eu.sendgrid.com` for EU subusers. */
  baseUrl: httpUrl.optional(),
});

const ses = z.strictObject({
  ...common,
  provider: z.literal('ses'),
  credentials: z.strictObject({
    accessKeyId: z.string().regex(/^\w{4,128}$/, 'must be the id of an AWS access key'),
    secretAccessKey: secret,
    sessionToken: secret.optional(),
  }),
  region: z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-west-1'),
  from: sender,
  /** What publishes events: the evidence that settles doubts. */
  configurationSetName: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, - and _')
    .optional(),
  baseUrl: httpUrl.optional(),
});

const smtp = z.strictObject({
  ...common,
  provider: z.literal('smtp'),
  credentials: z.strictObject({ user: secret, pass: secret }).optional(),
  from: sender,
  host,
  port,
  /** TLS from the first byte (port 465); otherwise STARTTLS. */
  secure: z.boolean().optional(),
  /** False allows plain text; the default is true except on this machine. */
  requireTls: z.boolean().optional(),
  maxConnections: z.int().min(1).max(1000).optional(),
  /** Signs what goes out here, List-Unsubscribe included. The key is sealed as credentials are. */
  dkim: z
    .strictObject({
      domainName: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{1,251}[a-z0-9]$/i, 'must be a domain such as acme.example'),
      keySelector: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/i, 'must be a DKIM selector such as s1'),
      privateKey: z.string().regex(/^-----BEGIN (RSA )?PRIVATE KEY-----/, 'must be an RSA key in PEM form'),
    })
    .optional(),
});

const twilio = z
  .strictObject({
    ...common,
    provider: z.literal('twilio'),
    credentials: z.strictObject({
      accountSid: z.string().regex(/^AC\w+$/, 'must begin with AC'),
      authToken: secret,
    }),
    from: sender.optional(),
    messagingServiceSid: z
      .string()
      .regex(/^MG\w+$/, 'must begin with MG')
      .optional(),
    validitySeconds: z.int().min(1).max(36_000).optional(),
    /** Public address of our API, for status callbacks: they settle doubts and tell what became of messages. */
    callbackBaseUrl: httpUrl.optional(),
    /** How long after a lost call its absence from Twilio's list is believed; two minutes unless said. */
    lookupSettlesMs: z.int().min(100).max(3_600_000).optional(),
    baseUrl: httpUrl.optional(),
  })
  .refine(({ from, messagingServiceSid }) => from !== undefined || messagingServiceSid !== undefined, {
    path: ['from'],
    error: 'set from or messagingServiceSid: an SMS needs a sender',
  });

const termii = z.strictObject({
  ...common,
  provider: z.literal('termii'),
  credentials: z.strictObject({ apiKey: secret }),
  /** The sender where a message names none: a registered sender id, or for WhatsApp a device's name. */
  from: z
    .string()
    .regex(/^[\w -]{3,40}$/, 'must be 3 to 11 letters and digits (a device name may be longer)'),
  /** What Termii calls a channel; `generic` unless said. */
  route: z.enum(TERMII_ROUTES).optional(),
  /** How long after a lost call its absence from the report is believed; two minutes unless said. */
  lookupSettlesMs: z.int().min(100).max(3_600_000).optional(),
  /** As Termii's dashboard shows it. */
  baseUrl: httpUrl.optional(),
});

const fcm = z
  .strictObject({
    ...common,
    provider: z.literal('fcm'),
    /** The service account's key file, as Google hands it out; other fields of it are ignored. */
    credentials: z.object({
      project_id: z.string().min(1),
      client_email: z.string().min(3),
      private_key: z.string().regex(/^-----BEGIN PRIVATE KEY-----/, 'must be a PKCS #8 PEM key'),
      token_uri: httpUrl.default('https://oauth2.googleapis.com/token'),
    }),
    ...dial,
  })
  .refine(withDial, DIAL_TOGETHER);

const apns = z
  .strictObject({
    ...common,
    provider: z.literal('apns'),
    credentials: z.strictObject({
      keyId: z.string().regex(/^[A-Z0-9]{10}$/, 'must be the 10 characters of the key id'),
      teamId: z.string().regex(/^[A-Z0-9]{10}$/, 'must be the 10 characters of the team id'),
      privateKey: z.string().regex(/^-----BEGIN PRIVATE KEY-----/, 'must be the text of the .p8 file'),
    }),
    /** The app's bundle id. */
    topic: z.string().regex(/^[\w.-]{1,155}$/, 'must be a bundle id such as com.acme.app'),
    /** True for the tokens of development builds. */
    sandbox: z.boolean().optional(),
    ttlSeconds: z.int().min(0).max(2_592_000).optional(),
    ...dial,
  })
  .refine(withDial, DIAL_TOGETHER);

const webPush = z
  .strictObject({
    ...common,
    provider: z.literal('web-push'),
    credentials: z.strictObject({
      subject: z.string().regex(/^(mailto:|https:\/\/)/, 'must be a mailto: or https: address'),
      publicKey: z.string().regex(/^[\w-]{86,88}$/, 'must be a VAPID public key in base64url'),
      privateKey: z.string().regex(/^[\w-]{42,44}$/, 'must be a VAPID private key in base64url'),
    }),
    ttlSeconds: z.int().min(0).max(2_419_200).optional(),
    /** Push services beside the known ones. */
    extraHosts: z
      .array(z.string().regex(/^(\*\.)?[\w.-]+$/, 'must be a host name, or *. and one'))
      .optional(),
    ...dial,
  })
  .refine(withDial, DIAL_TOGETHER);

const generic = z.strictObject({
  ...common,
  provider: z.literal('generic'),
  channel: z.enum(['email', 'sms', 'push']),
  url: httpUrl,
  credentials: z.strictObject({ secret: z.string().min(16, 'must have 16 characters at least') }),
});

const inbox = z.strictObject({ ...common, provider: z.literal('inbox') });

export const AccountSettings = z.discriminatedUnion('provider', [
  resend,
  sendgrid,
  ses,
  smtp,
  twilio,
  termii,
  fcm,
  apns,
  webPush,
  generic,
  inbox,
]);
/** As the file has it: defaults may be missing. */
export type AccountSettingsInput = z.input<typeof AccountSettings>;
export type AccountSettings = z.output<typeof AccountSettings>;

/**
 * Reads the accounts.
 *
 * @param source the text of the file, or its parsed JSON.
 * @returns the accounts, or every problem at once: each names the account, the field and the remedy, never a value of
 *   a credential.
 */
export function parseAccounts(source: unknown): { accounts: AccountSettings[] } | { problems: string[] } {
  let json = source;
  if (typeof source === 'string') {
    try {
      json = JSON.parse(source);
    } catch {
      return { problems: ['is not JSON: a JSON array of provider accounts is expected'] };
    }
  }
  if (!Array.isArray(json)) return { problems: ['must be a JSON array of provider accounts'] };
  const problems: string[] = [];
  const accounts: AccountSettings[] = [];
  const seen = new Set<unknown>();
  for (const [index, item] of json.entries()) {
    const parsed = AccountSettings.safeParse(item);
    const place = placeOf(item, index);
    if (parsed.success) accounts.push(parsed.data);
    else
      problems.push(
        ...parsed.error.issues.map((issue) => `${place}${pathText(issue.path)}: ${issue.message}`),
      );
    const id: unknown = item?.id;
    if (typeof id === 'string' && seen.has(id)) {
      problems.push(`${place}.id: is used twice; ids are unique over all accounts`);
    }
    seen.add(id);
  }
  return problems.length > 0 ? { problems } : { accounts };
}

function placeOf(item: unknown, index: number): string {
  const id = typeof item === 'object' && item !== null ? (item as { id?: unknown }).id : undefined;
  return typeof id === 'string' ? `accounts[${index}] (${id.slice(0, 64)})` : `accounts[${index}]`;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
}
