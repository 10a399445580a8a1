import { z } from 'zod';
import { common, host, mailSender, pem, port, secret } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { isAlwaysEncrypted } from './tls.ts';

const timeoutMs = (max: number) =>
  z
    .int('must be a whole number of milliseconds')
    .min(100, 'must be 100 ms at least')
    .max(max, `must be ${max} ms at most`)
    .optional();

const WITHOUT_LOGIN = 'Leave both empty for a server that needs no login.';

/** A worker holds a call for at most 15 minutes; the envelope has the command timeout a second time. */
const MAX_DIALOGUE_MS = 840_000;

function dialogueMs(account: {
  connectTimeoutMs?: number | undefined;
  greetingTimeoutMs?: number | undefined;
  commandTimeoutMs?: number | undefined;
  dataTimeoutMs?: number | undefined;
}): number {
  const { connectTimeoutMs = 0, greetingTimeoutMs = 0, commandTimeoutMs = 0, dataTimeoutMs = 0 } = account;
  return connectTimeoutMs + greetingTimeoutMs + 2 * commandTimeoutMs + dataTimeoutMs;
}

const settings = z
  .strictObject({
    ...common,
    provider: z.literal('smtp'),
    credentials: z
      .strictObject({
        user: secret.describe(`The user name of the login. ${WITHOUT_LOGIN}`),
        pass: secret.describe(`The password of the login. ${WITHOUT_LOGIN}`),
      })
      .optional(),
    from: mailSender,
    host,
    port,
    secure: z
      .boolean()
      .optional()
      .describe('TLS from the first byte (port 465); otherwise STARTTLS.')
      .meta({ default: false }),
    requireTls: z
      .boolean()
      .optional()
      .describe('No lets mail and password travel in plain text. Yes, except to this machine, unless said.'),
    maxConnections: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Connections of one worker to the server at the same time.'),
    ehloName: z
      .string()
      .max(253)
      .regex(
        /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f.:]+\]|\[IPv6:[0-9a-f.:]+\])$/i,
        'must be a host name such as mail.acme.example, or an address literal such as [192.0.2.1]',
      )
      .optional()
      .describe(
        'The name that EHLO says. Without it the host name if others can resolve it, else the address.',
      ),
    // Up to the limits of RFC 5321, section 4.5.3.2.
    connectTimeoutMs: timeoutMs(60_000).describe('How long connecting may take.').meta({ default: 5_000 }),
    greetingTimeoutMs: timeoutMs(300_000)
      .describe('How long the greeting of the server may take.')
      .meta({ default: 10_000 }),
    commandTimeoutMs: timeoutMs(300_000)
      .describe('How long the commands before the data may take: the login, and again the envelope.')
      .meta({ default: 10_000 }),
    dataTimeoutMs: timeoutMs(600_000).describe(
      'From the start of the data to its answer. Without it, the deadline of every call.',
    ),
    /** Signs outgoing mail, List-Unsubscribe included. The key is sealed like credentials. */
    dkim: z
      .strictObject({
        domainName: z
          .string()
          .regex(/^[a-z0-9][a-z0-9.-]{1,251}[a-z0-9]$/i, 'must be a domain such as acme.example')
          .describe('The domain that signs outgoing mail, such as acme.example.'),
        keySelector: z
          .string()
          .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/i, 'must be a DKIM selector such as s1')
          .describe('The selector of the public key in DNS: s1 for s1._domainkey.acme.example.'),
        privateKey: pem(/^-----BEGIN (RSA )?PRIVATE KEY-----/, 'must be an RSA key in PEM form').describe(
          'The RSA key that signs, in PEM form.',
        ),
      })
      .optional(),
  })
  .refine((account) => dialogueMs(account) <= MAX_DIALOGUE_MS, {
    path: ['dataTimeoutMs'],
    error: `the timeouts are together more than ${MAX_DIALOGUE_MS} ms (commands count twice); make one of them shorter`,
  });

/** Any mail server by SMTP. Class D: it has no idempotency key and no lookup. */
export const smtp = defineProvider({
  id: 'smtp',
  title: 'SMTP server',
  channel: 'email',
  guarantee: 'D',
  order: 20,
  settings,
  sealed: {
    dkim: {
      title: 'DKIM (JSON)',
      hint: 'SMTP only, signs what goes out: { "domain_name": "acme.example", "key_selector": "s1", "private_key": "..." }',
    },
  },
  isAlwaysEncrypted,
  async connect(account, { client: { ca } }) {
    const { smtpAdapter } = await import('./send.ts');
    const { from, host, port, credentials: auth, secure, requireTls, maxConnections, dkim } = account;
    const { ehloName, connectTimeoutMs, greetingTimeoutMs, commandTimeoutMs, dataTimeoutMs } = account;
    const timeouts = { connectTimeoutMs, greetingTimeoutMs, commandTimeoutMs, dataTimeoutMs };
    const optional = { auth, ca, secure, requireTls, maxConnections, dkim, ehloName, ...timeouts };
    return smtpAdapter({ from, host, port, ...defined(optional) });
  },
});
