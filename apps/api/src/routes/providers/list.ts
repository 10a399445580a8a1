import { CHANNELS } from '@carillon/core/notification/channel';
import { GUARANTEE_CLASSES } from '@carillon/core/provider/guarantee';
import {
  channelsOf,
  type DescribedField,
  describedFields,
  FIELD_TYPES,
} from '@carillon/providers/accounts/described-fields';
import type { AnyProvider } from '@carillon/providers/provider';
import { DEFINITIONS } from '@carillon/providers/providers';
import { receiptsPath } from '@carillon/providers/receipts/receipts-path';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { pageSchema } from '../cursor.ts';

const fieldSchema = z
  .object({
    name: z
      .string()
      .describe('As in the body of `putProviderAccount` and in its problems; a dot leads into an object.'),
    label: z.string(),
    type: z.enum(FIELD_TYPES).describe('`choices` and `texts` are lists.'),
    required: z.boolean().describe('Whether every account must have it.'),
    group: z.string().nullable().describe('The object it is part of: `credentials`, `dkim`.'),
    required_in_group: z
      .boolean()
      .describe(
        'Whether it must be given where anything of its group is. False for what is part of no group.',
      ),
    secret: z
      .boolean()
      .describe(
        'Sealed at rest and never shown again. A group that a change leaves out stays as it is; one that it names is replaced as a whole.',
      ),
    multiline: z.boolean().describe('A text of several lines, such as a key in PEM.'),
    help: z.string().nullable(),
    minimum: z.number().nullable(),
    maximum: z.number().nullable(),
    min_length: z.int().nullable(),
    max_length: z.int().nullable(),
    pattern: z.string().nullable().describe('A regular expression that each text must match.'),
    options: z.array(z.string()).nullable().describe('What can be chosen.'),
    default: z
      .union([z.string(), z.number(), z.boolean()])
      .nullable()
      .describe('What holds where it is left out, if that is always the same.'),
  })
  .openapi('ProviderField');

const providerSchema = z
  .object({
    id: z.string().describe('The `provider` of an account.'),
    title: z.string(),
    channels: z
      .array(z.enum(CHANNELS))
      .describe('What its accounts can serve. Of several, an account names one in its field `channel`.'),
    guarantee: z
      .enum(GUARANTEE_CLASSES)
      .describe(
        'What can be done when an answer is lost. A: asked again, nothing is sent twice. B: receipts or a look-up decide. C: a repetition replaces the first. D: nothing but your policy can decide.',
      ),
    fields: z.array(fieldSchema),
    receipts_url: z
      .string()
      .nullable()
      .describe(
        'Where it reports what became of messages, with `{account}` for the id of the account; null for one that reports nothing.',
      ),
  })
  .openapi('Provider');

const route = createRoute({
  method: 'get',
  path: '/v1/providers',
  operationId: 'listProviders',
  summary: 'List the providers that accounts can be made for',
  description:
    'With the fields of their accounts, for forms: the same table that checks `putProviderAccount`. It changes with a release only; always one page.',
  tags: ['Provider accounts'],
  ...needs('providers:read'),
  responses: {
    200: {
      description: 'All of them.',
      content: { 'application/json': { schema: pageSchema(providerSchema).openapi('ProviderPage') } },
    },
  },
});

export function registerListProviders(app: Api, { baseUrl }: ApiDeps): void {
  app.openapi(route, (c) =>
    c.json({ data: DEFINITIONS.map((each) => viewProvider(each, baseUrl())), next_cursor: null }, 200),
  );
}

function viewProvider(provider: AnyProvider, baseUrl: string): z.input<typeof providerSchema> {
  const { id, title, guarantee } = provider;
  const path = receiptsPath({ id: '{account}', provider: id });
  return {
    id,
    title,
    channels: channelsOf(provider),
    guarantee,
    fields: describedFields(provider).map(viewField),
    receipts_url: path === null ? null : `${baseUrl}${path}`,
  };
}

function viewField(field: DescribedField): z.input<typeof fieldSchema> {
  const { requiredInGroup, minLength, maxLength, ...same } = field;
  return { ...same, required_in_group: requiredInGroup, min_length: minLength, max_length: maxLength };
}
