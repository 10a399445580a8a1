import { NOT_MADE_REASONS } from '@carillon/core/campaign/counts';
import { CHANNELS } from '@carillon/core/notification/channel';
import { FINAL_STATES, STATES, type State } from '@carillon/core/notification/states';
import { type CampaignRow, getCampaign } from '@carillon/db/campaigns/campaigns';
import {
  type CampaignRecipient,
  listMade,
  listNotMade,
  listRemaining,
} from '@carillon/db/campaigns/recipients-of';
import type { Reader } from '@carillon/db/replica/reader';
import { noSuchCampaign } from '@carillon/services/campaigns/no-such-campaign';
import { refusedField } from '@carillon/services/context';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { csvAnswer, csvContent, csvHeaders, csvQuery } from '../csv-answer.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import { campaignParams } from './campaign-schema.ts';

/** Figures of the counts that are not states of notifications. */
const GROUPS = ['planned', 'remaining', 'made', 'not_made', 'open', 'in_progress'] as const;
const OPEN = STATES.filter((state) => !(FINAL_STATES as readonly State[]).includes(state));
const RESTING: readonly State[] = ['scheduled', 'retrying', 'in_doubt'];
const FIGURES = [...GROUPS, ...RESTING, ...FINAL_STATES] as const;
type Figure = (typeof FIGURES)[number];

const recipientSchema = z
  .object({
    recipient_id: z.string().nullable().describe('Null for one that was erased.'),
    state: z
      .enum(['remaining', 'not_made', ...STATES])
      .describe('The state of the notification, or that there is none.'),
    reason: z.enum(NOT_MADE_REASONS).nullable().describe('Why there is no notification.'),
    detail: z.string().nullable().describe('The variables that were missing.'),
    notification_id: z.uuid().nullable(),
    channel: z.enum(CHANNELS).nullable(),
    variant: z.string().nullable(),
    error_code: z.string().nullable(),
    updated_at: z.iso.datetime().nullable(),
  })
  .openapi('CampaignRecipient');

const route = createRoute({
  method: 'get',
  path: '/v1/campaigns/{id}/recipients',
  operationId: 'listCampaignRecipients',
  summary: 'List the recipients behind a figure of a campaign',
  description:
    'Exactly those that the figure of this name counts, in the order of making; as JSON or as a CSV file. Needs the scope `campaigns:read`.',
  tags: ['Campaigns'],
  ...needs('campaigns:read'),
  request: {
    params: campaignParams,
    query: z.strictObject({
      ...pageQuery,
      state: z.enum(FIGURES).optional().describe('A figure of `counts`. Left out: `planned`, everybody.'),
      reason: z.enum(NOT_MADE_REASONS).optional().describe('With `not_made`: of this reason only.'),
      variant: z.string().min(1).max(64).optional().describe('The key of a variant.'),
      ...csvQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page, or the file.',
      headers: csvHeaders,
      content: {
        'application/json': { schema: pageSchema(recipientSchema).openapi('CampaignRecipientPage') },
        ...csvContent,
      },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

/** Lists that make up a figure, one after the other. */
type Part = 'made' | 'not_made' | 'remaining';
const PLACES: Readonly<Record<Part, readonly RegExp[]>> = {
  made: TIME_AND_ID,
  not_made: [/^[a-z_]{1,32}$/, /^[^\p{Cc}]{1,255}$/u],
  remaining: [/^\d{1,9}$/, /^\d{1,9}$/],
};
const PART = /^(made|not_made|remaining)$/;

export function registerListCampaignRecipients(app: Api, deps: ApiDeps): void {
  const reading = readFor(deps, route);
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const query = c.req.valid('query');
    const campaign = await getCampaign(deps.db.sql, c.get('caller'), id);
    if (campaign === null) throw noSuchCampaign(id);
    const variant = variantOf(campaign, query.variant);
    const figure: Figure =
      query.reason !== undefined ? (query.state ?? 'not_made') : (query.state ?? 'planned');
    if (query.reason !== undefined && figure !== 'not_made')
      throw refusedField('reason', 'goes with state=not_made only; leave one of them out');
    const parts = partsOf(figure, variant !== null);
    const list = { campaign, parts, figure, variant, reason: query.reason ?? null };
    const first = query.cursor === undefined ? undefined : placeOf(query.cursor, parts);
    const pageAfter = (after: Place | undefined, rows: number) =>
      reading(c, ({ sql }) => readPage(sql, list, after, rows));
    if (query.format === 'csv') {
      const page = async (after: Place | undefined, rows: number) => {
        const { found, next } = await pageAfter(after, rows);
        return { rows: found.map((each) => Object.values(view(campaign, each))), next };
      };
      return csvAnswer('campaign-recipients', CSV_COLUMNS, first, page, cursorOf);
    }
    const { found, next } = await pageAfter(first, limitOf(query.limit));
    return c.json(
      { data: found.map((each) => view(campaign, each)), next_cursor: next && cursorOf(next) },
      200,
    );
  });
}

/** The columns of the file, in the order of the members of the JSON. */
const CSV_COLUMNS = Object.keys(recipientSchema.shape);

/** A row and the list that it is of. */
interface Found {
  part: Part;
  row: CampaignRecipient;
}

/** After which row of which list a page begins. */
interface Place {
  part: Part;
  after: readonly string[];
}

const cursorOf = ({ part, after }: Place): string => toCursor([part, ...after]);

/** One page of the lists that make up a figure. */
async function readPage(
  sql: Reader,
  list: {
    campaign: CampaignRow;
    parts: readonly Part[];
    figure: Figure;
    variant: number | null;
    reason: CampaignRecipient['reason'];
  },
  first: Place | undefined,
  limit: number,
): Promise<{ found: Found[]; next: Place | null }> {
  const { campaign, parts, figure, variant, reason } = list;
  const from = first === undefined ? 0 : parts.indexOf(first.part);
  const found: Found[] = [];
  for (let n = from; n < parts.length && found.length <= limit; n += 1) {
    const part = parts[n]!;
    const rows = await read(sql, campaign, part, {
      figure,
      variant,
      reason,
      after: n === from ? (first?.after ?? null) : null,
      limit: limit + 1 - found.length,
    });
    found.push(...rows.map((row) => ({ part, row })));
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = found.length > limit && last ? { part: last.part, after: last.row.place } : null;
  return { found: page, next };
}

function read(
  sql: Reader,
  { id }: CampaignRow,
  part: Part,
  of: {
    figure: Figure;
    variant: number | null;
    reason: CampaignRecipient['reason'];
    after: readonly string[] | null;
    limit: number;
  },
): Promise<CampaignRecipient[]> {
  const { figure, variant, reason, after, limit } = of;
  if (part === 'remaining') return listRemaining(sql, id, { after, limit });
  if (part === 'not_made') return listNotMade(sql, id, { reason, after, limit });
  return listMade(sql, id, { states: statesOf(figure), variant, after, limit });
}

/** The states that a figure counts; null: all. */
function statesOf(figure: Figure): readonly State[] | null {
  if (figure === 'planned' || figure === 'made') return null;
  if (figure === 'open') return OPEN;
  if (figure === 'in_progress') return OPEN.filter((state) => !RESTING.includes(state));
  return [figure as State];
}

/** Only who was made has a variant. */
function partsOf(figure: Figure, ofVariant: boolean): Part[] {
  if (figure === 'planned') return ofVariant ? ['made'] : ['made', 'not_made', 'remaining'];
  if (figure === 'remaining' || figure === 'not_made') return ofVariant ? [] : [figure];
  return ['made'];
}

function placeOf(cursor: string, parts: readonly Part[]): Place {
  const part = PART.exec(firstOf(cursor))?.[1] as Part | undefined;
  const [, ...after] = fromCursor(cursor, [PART, ...PLACES[part ?? 'made']]);
  if (part === undefined || !parts.includes(part))
    throw refusedField('cursor', 'is of another figure; pass next_cursor with the same state');
  return { part, after };
}

/** The part that a cursor begins with, as far as it is one. */
function firstOf(cursor: string): string {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? String(parts[0]) : '';
  } catch {
    return '';
  }
}

function variantOf({ definition }: CampaignRow, key: string | undefined): number | null {
  if (key === undefined) return null;
  const place = definition.variants.findIndex((variant) => variant.key === key);
  if (place !== -1) return place + 1;
  const has = definition.variants.map((variant) => variant.key).join(', ') || 'none';
  throw refusedField('variant', `the campaign has no variant ${JSON.stringify(key)}; it has ${has}`);
}

function view({ definition }: CampaignRow, { part, row }: Found): z.input<typeof recipientSchema> {
  return {
    recipient_id: row.recipientId,
    state: part === 'made' ? row.status! : part,
    reason: row.reason,
    detail: row.detail,
    notification_id: row.notificationId,
    channel: row.channel,
    variant: row.variant ? (definition.variants[row.variant - 1]?.key ?? null) : null,
    error_code: row.errorCode,
    updated_at: row.updatedAt?.toISOString() ?? null,
  };
}
