import { attributeField } from '@carillon/core/audience/filter';
import { readAttributes } from '@carillon/db/audiences/read-attributes';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';

const TYPES = ['string', 'number', 'boolean', 'array'] as const;

const route = createRoute({
  method: 'get',
  path: '/v1/recipient-attributes',
  operationId: 'listRecipientAttributes',
  summary: 'Which attributes recipients have',
  description:
    'For those who write filters: names, types and frequent values, from 1,000 recipients. Needs the scope `recipients:read`.',
  tags: ['Audiences'],
  ...needs('recipients:read'),
  responses: {
    200: {
      description: 'The most frequent first.',
      content: {
        'application/json': {
          schema: z
            .object({
              data: z.array(
                z.object({
                  field: z.string().describe('As filters name it.'),
                  types: z.array(z.enum(TYPES)),
                  values: z.array(z.union([z.string(), z.number(), z.boolean()])),
                }),
              ),
            })
            .openapi('RecipientAttributes'),
        },
      },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerRecipientAttributes(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const rows = await read(c, ({ sql }) => readAttributes(sql, c.get('caller')));
    const data = rows.map(({ path, types, values }) => ({
      field: attributeField(path),
      types: TYPES.filter((type) => Object.hasOwn(types, type)),
      values,
    }));
    return c.json({ data }, 200);
  });
}
