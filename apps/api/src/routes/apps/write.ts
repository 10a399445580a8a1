import { addApp } from '@carillon/services/apps/add';
import { changeApp } from '@carillon/services/apps/change';
import { viewApp } from '@carillon/services/apps/list';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { appFields, appParams, appSchema, NEEDS_INSTALLATION } from './app-schema.ts';

const access = needs('installation', { everyApp: true });
const appJson = { 'application/json': { schema: appSchema } };

const addRoute = createRoute({
  method: 'post',
  path: '/v1/apps',
  operationId: 'createApp',
  summary: 'Add an app',
  description: `A tenant with keys, recipients and templates of its own. Create its first key with \`app_id\`. ${NEEDS_INSTALLATION}`,
  tags: ['Apps and keys'],
  ...access,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              name: appFields.name,
              time_zone: appFields.time_zone.optional(),
              brand: appFields.brand.optional(),
              allowed_origins: appFields.allowed_origins.optional(),
              approves_campaigns: appFields.approves_campaigns.optional(),
            })
            .openapi('CreateAppRequest', { example: { name: 'Web shop', time_zone: 'Europe/Berlin' } }),
        },
      },
    },
  },
  responses: {
    201: { description: 'Added.', content: appJson },
    ...problemResponses('malformed_json', 'invalid_state', 'invalid_request'),
  },
});

const changeRoute = createRoute({
  method: 'patch',
  path: '/v1/apps/{id}',
  operationId: 'patchApp',
  summary: 'Rename an app, give it another time zone or a brand',
  description: `Only what is named changes; a time zone holds from the next message on. ${NEEDS_INSTALLATION}`,
  tags: ['Apps and keys'],
  ...access,
  request: {
    params: appParams,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject(appFields)
            .partial()
            .openapi('PatchAppRequest', {
              example: {
                brand: { name: 'Shop & Co', logo_url: 'https://shop.example/logo.png', color: '#a3122b' },
              },
            }),
        },
      },
    },
  },
  responses: {
    200: { description: 'Changed.', content: appJson },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerWriteApps(app: Api, deps: ApiDeps): void {
  app.openapi(addRoute, async (c) => {
    const body = c.req.valid('json');
    const { name, time_zone: timeZone = null, brand } = body;
    const app = await addApp(serviceContext(c.get('caller'), deps), {
      name,
      timeZone,
      brand,
      allowedOrigins: body.allowed_origins,
      approvesCampaigns: body.approves_campaigns,
    });
    return c.json(viewApp(app), 201);
  });
  app.openapi(changeRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { name, time_zone: timeZone, brand, ...rest } = c.req.valid('json');
    const { allowed_origins: allowedOrigins, approves_campaigns: approvesCampaigns } = rest;
    const input = { id, name, timeZone, brand, allowedOrigins, approvesCampaigns };
    const changed = await changeApp(serviceContext(c.get('caller'), deps), input);
    return c.json(viewApp(changed), 200);
  });
}
