import type { PartKind, PartName } from '@carillon/core/template/compile/parts';
import type { PartVersionRow } from '@carillon/db/templates/parts';
import { getPartVersion, listPartVersions } from '@carillon/db/templates/parts';
import { noSuchPart } from '@carillon/services/templates/parts';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { partParams, partTextsShape } from './part-schema.ts';

const listedShape = {
  version: z.int(),
  created_at: z.iso.datetime(),
  created_by: z.string().describe('`key:<key id>` or `staff:<e-mail>`.'),
};

const listedSchema = z.object(listedShape).openapi('TemplatePartVersion');

const textsSchema = z.object({ ...listedShape, ...partTextsShape }).openapi('TemplatePartVersionTexts');

const listRoute = (kind: PartKind) =>
  createRoute({
    method: 'get',
    path: `/v1/${kind}s/{key}/versions`,
    operationId: kind === 'layout' ? 'listLayoutVersions' : 'listPartialVersions',
    summary: `List the versions of a ${kind}, newest first`,
    description: 'The first one is the current one.',
    tags: ['Templates'],
    ...needs('templates:read'),
    request: { params: partParams, query: z.strictObject(pageQuery) },
    responses: {
      200: {
        description: 'One page.',
        content: {
          'application/json': { schema: pageSchema(listedSchema).openapi('TemplatePartVersionPage') },
        },
      },
      ...problemResponses('not_found', 'invalid_request'),
    },
  });

const getRoute = (kind: PartKind) =>
  createRoute({
    method: 'get',
    path: `/v1/${kind}s/{key}/versions/{version}`,
    operationId: kind === 'layout' ? 'getLayoutVersion' : 'getPartialVersion',
    summary: `Look up the texts of one version of a ${kind}`,
    description: `To go back to it, PUT its texts: the history only grows, and they are checked with the partials that there are now.`,
    tags: ['Templates'],
    ...needs('templates:read'),
    request: {
      params: partParams.extend({
        version: z
          .string()
          .regex(VERSION, 'is not a whole number from 1')
          .openapi({ type: 'integer', minimum: 1 }),
      }),
    },
    responses: {
      200: { description: 'Its texts.', content: { 'application/json': { schema: textsSchema } } },
      ...problemResponses('not_found', 'invalid_request'),
    },
  });

const VERSION = /^[1-9]\d{0,8}$/;

export function registerPartVersions(app: Api, { db }: ApiDeps, kind: PartKind): void {
  app.openapi(listRoute(kind), async (c) => {
    const name: PartName = { kind, key: c.req.valid('param').key };
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [below] = query.cursor === undefined ? [] : fromCursor(query.cursor, [VERSION]);
    const before = below === undefined ? undefined : Number(below);
    const rows = await listPartVersions(db.sql, c.get('caller'), name, before, limit + 1);
    if (rows.length === 0 && before === undefined) throw noSuchPart(name);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        data: page.map(viewVersion),
        next_cursor: rows.length > limit && last ? toCursor([String(last.version)]) : null,
      },
      200,
    );
  });

  app.openapi(getRoute(kind), async (c) => {
    const { key, version } = c.req.valid('param');
    const name: PartName = { kind, key };
    const row = await getPartVersion(db.sql, c.get('caller'), name, Number(version));
    if (row === null) throw noSuchPart(name, Number(version));
    const { locales, ...texts } = row.texts;
    return c.json(
      {
        ...viewVersion(row),
        ...texts,
        // The type of a stored text has read-only members.
        ...(locales === undefined ? {} : { locales: locales as Record<string, typeof texts> }),
      },
      200,
    );
  });
}

function viewVersion({ version, createdAt, createdBy }: PartVersionRow): z.input<typeof listedSchema> {
  return { version, created_at: createdAt.toISOString(), created_by: createdBy };
}
