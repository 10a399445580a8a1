import { z } from 'zod';
import { baseUrl, common, mailSender, secret } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { sesReceipts } from './receipts.ts';

const settings = z.strictObject({
  ...common,
  provider: z.literal('ses'),
  credentials: z.strictObject({
    accessKeyId: z
      .string()
      .regex(/^\w{4,128}$/, 'must be the id of an AWS access key')
      .describe('Of an access key that may ses:SendEmail: AKIA...'),
    secretAccessKey: secret.describe('The secret of that access key.'),
    sessionToken: secret.optional().describe('Only with temporary credentials.'),
  }),
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-west-1')
    .describe('The AWS region that sends, such as eu-west-1.'),
  from: mailSender,
  configurationSetName: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, - and _')
    .optional()
    .describe('The configuration set that publishes events: without it a doubt has no evidence.'),
  baseUrl,
});

/** Amazon SES, API v2. Class B: published events are the evidence. */
export const ses = defineProvider({
  id: 'ses',
  title: 'Amazon SES',
  channel: 'email',
  guarantee: 'B',
  order: 18,
  settings,
  receipts: { reader: sesReceipts },
  async connect({ credentials, region, from, configurationSetName, baseUrl }, { client }) {
    const { sesAdapter } = await import('./send.ts');
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    return sesAdapter({
      ...client,
      credentials: { accessKeyId, secretAccessKey, ...defined({ sessionToken }) },
      region,
      from,
      ...defined({ configurationSetName, baseUrl }),
    });
  },
});
