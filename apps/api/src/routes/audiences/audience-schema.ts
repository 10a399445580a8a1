import { allows } from '@carillon/core/access/access';
import { type Filter, fieldOf } from '@carillon/core/audience/filter';
import { filterOf, MAX_AUDIENCE_KEY } from '@carillon/core/audience/read-filter';
import { ProblemError } from '@carillon/core/text/problem';
import type { AudienceRow, AudienceUsers } from '@carillon/db/audiences/audiences';
import { AUDIENCE_KINDS } from '@carillon/db/schema/audiences';
import { z } from '@hono/zod-openapi';
import { name, visibleLine } from '../../accept/fields.ts';
import type { Caller } from '../../deps.ts';

/** Members of a list that a PUT may give; any number goes by POST .../members. */
const MAX_GIVEN = 10_000;
/** Unknown ids that an answer lists. */
const MAX_LISTED = 100;

export const audienceParams = z.object({
  key: name(MAX_AUDIENCE_KEY).describe('As campaigns and other audiences name it: `customers`, `pro-plan`.'),
});

const EXAMPLE = {
  all: [
    { field: 'attributes.plan', op: 'eq', value: 'pro' },
    { not: { field: 'attributes.staff', op: 'eq', value: true } },
  ],
};

/** A filter as it comes; `checkedFilter` reads it. */
export const filterField = z
  .record(z.string(), z.unknown())
  .describe(
    'Who is meant: `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`, `{"audience": "<key>"}`, `{"campaign": "<id>", "is": "not_made"}` or a condition `{"field", "op", "value"}`, within each other. `{"all": []}` is everybody. See docs/audiences.md.',
  )
  .openapi('Filter', { type: 'object', example: EXAMPLE });

export const putAudienceSchema = z
  .strictObject({
    name: visibleLine(100).optional().describe('For people. Left out: the key.'),
    filter: filterField.optional(),
    recipient_ids: z
      .array(name(255))
      .max(MAX_GIVEN)
      .optional()
      .describe(
        'A list of exactly these, in place of who was in it. Ids without a recipient are left out and reported. Longer lists: POST .../members.',
      ),
  })
  .refine(({ filter, recipient_ids }) => filter === undefined || recipient_ids === undefined, {
    path: ['recipient_ids'],
    error: 'is mutually exclusive with filter: an audience is one or the other; give one of them',
  })
  .describe('Give `filter` or `recipient_ids`. With neither, an existing list keeps its members.')
  .openapi('PutAudienceRequest', { example: { name: 'Customers on the plan pro', filter: EXAMPLE } });

export const audienceSchema = z
  .object({
    key: z.string(),
    name: z.string(),
    kind: z
      .enum(AUDIENCE_KINDS)
      .describe('`filter`: the recipients who meet it at the moment. `list`: its members.'),
    filter: z.record(z.string(), z.unknown()).nullable().describe('Null for a list.'),
    updated_by: z.string(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi('Audience');

/** With what concerns it and is not a part of it: none of this changes its entity tag. */
export const usedAudienceSchema = audienceSchema
  .extend({
    used_by: z
      .object({
        audiences: z.array(z.string()).describe('Their keys.'),
        campaigns: z.array(z.object({ id: z.uuid(), name: z.string() })),
      })
      .describe('Audiences whose filter names it, and campaigns for it that have not started.'),
    last_count: z
      .object({ count: z.int(), counted_at: z.iso.datetime() })
      .nullable()
      .describe('Of the last exact count by GET .../count; null since its filter was changed.'),
  })
  .openapi('AudienceWithUsers');

export const putAudienceResultSchema = audienceSchema
  .extend({
    members: z
      .object({
        added: z.int(),
        removed: z.int(),
        unknown: z.int().describe('Ids that no recipient has: they were left out.'),
        unknown_ids: z.array(z.string()).describe(`The first ${MAX_LISTED} of them.`),
      })
      .nullable()
      .describe('What became of `recipient_ids`; null without them.'),
  })
  .openapi('PutAudienceResult');

export function viewAudience(row: AudienceRow): z.input<typeof audienceSchema> {
  return {
    key: row.key,
    name: row.name,
    kind: row.kind,
    filter: row.filter as Record<string, unknown> | null,
    updated_by: row.updatedBy,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export function viewUsedAudience(row: AudienceRow, users: AudienceUsers): z.input<typeof usedAudienceSchema> {
  const { lastCount: count, lastCountedAt: at } = row;
  return {
    ...viewAudience(row),
    used_by: users,
    last_count: count === null || at === null ? null : { count, counted_at: at.toISOString() },
  };
}

export function viewMembers(members: { added: number; removed: number; unknown: string[] } | null) {
  if (members === null) return null;
  const { added, removed, unknown } = members;
  return { added, removed, unknown: unknown.length, unknown_ids: unknown.slice(0, MAX_LISTED) };
}

/**
 * Reads a filter of a request.
 *
 * @throws ProblemError 422 with the path of each fault; 403 for a person who may not see addresses and looks for parts
 *   of them: counting would spell them out.
 */
export function checkedFilter(caller: Caller, value: unknown, path = 'filter'): Filter {
  const filter = filterOf(value, path);
  const mayRead = caller.staff === undefined || allows(caller.scopes, 'addresses:read');
  if (!mayRead && looksIntoAddresses(filter))
    throw new ProblemError(
      'forbidden',
      `${caller.holder} does not have the scope "addresses:read", which a filter needs that looks for a part of an e-mail address or phone number. Compare whole addresses with eq or in, or ask for the scope.`,
    );
  return filter;
}

function looksIntoAddresses(filter: Filter): boolean {
  if ('all' in filter) return filter.all.some(looksIntoAddresses);
  if ('any' in filter) return filter.any.some(looksIntoAddresses);
  if ('not' in filter) return looksIntoAddresses(filter.not);
  if (!('field' in filter)) return false;
  const kind = fieldOf(filter.field)?.kind;
  return (kind === 'email' || kind === 'phone') && (filter.op === 'contains' || filter.op === 'starts_with');
}
