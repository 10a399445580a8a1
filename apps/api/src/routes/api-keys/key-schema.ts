import { KEY_SCOPES } from '@carillon/core/access/access';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { z } from '@hono/zod-openapi';

export const keyParams = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f]{12}$/, 'must be the 12 characters after cln_live_ or cln_test_')
    .describe('The id of the key: the 12 characters after `cln_live_` or `cln_test_`.'),
});

export const scope = z.enum(KEY_SCOPES);

export const keySchema = z
  .object({
    id: z.string(),
    app_id: z.uuid(),
    environment: z.enum(ENVIRONMENTS),
    name: z.string(),
    scopes: z.array(z.string()),
    state: z.enum(['active', 'expired', 'revoked']),
    rate_per_second: z.int().nullable().describe('null is the default of the installation.'),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable().describe('Noted once a minute at most.'),
    replaced_by: z.string().nullable().describe('The key that a rotation made in its place.'),
  })
  .openapi('ApiKey');

export const keyWithTextSchema = keySchema
  .extend({ key: z.string().describe('`cln_...`: the key itself. Shown this once.') })
  .openapi('ApiKeyWithText');

export const KEYS_IN_REACH =
  'A key with the scope `admin` has the keys of its own app: a live one live and test keys, a test one test keys. With the scope `installation` it has those of every app.';
