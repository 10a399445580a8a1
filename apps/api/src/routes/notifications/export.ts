import { type CsvCell, csvRow } from '@carillon/core/text/csv';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { pageQuery } from '../cursor.ts';
import { filterShape } from './filter-schema.ts';
import { listOf, nextCursor, sortShape } from './list.ts';
import { type NotificationView, viewNotification } from './notification-view.ts';

const MOST = 50_000;
const DEFAULT = 10_000;
/** Rows of one statement. */
const OF_A_PAGE = 500;

/** The columns, in their order; the API may add further ones behind them. */
const COLUMNS: Readonly<Record<string, (row: NotificationView) => CsvCell>> = {
  id: ({ id }) => id,
  created_at: ({ created_at }) => created_at,
  status: ({ status }) => status,
  channel: ({ channel }) => channel,
  priority: ({ priority }) => priority,
  category: ({ category }) => category,
  template: ({ template }) => template,
  recipient_id: ({ to }) => to.recipient_id ?? null,
  email: ({ to }) => to.email ?? null,
  phone: ({ to }) => to.phone ?? null,
  device: ({ to }) => (to.push ? `${to.push.kind} ...${to.push.ends_with}` : null),
  provider: ({ provider }) => provider,
  provider_message_id: ({ provider_message_id }) => provider_message_id,
  error_code: ({ error }) => error?.code ?? null,
  error_message: ({ error }) => error?.message ?? null,
  attempt_count: ({ attempt_count }) => attempt_count,
  send_at: ({ send_at }) => send_at,
  next_attempt_at: ({ next_attempt_at }) => next_attempt_at,
  expires_at: ({ expires_at }) => expires_at,
  idempotency_key: ({ idempotency_key }) => idempotency_key,
  campaign_id: ({ campaign_id }) => campaign_id,
  updated_at: ({ updated_at }) => updated_at,
};

const route = createRoute({
  method: 'get',
  path: '/v1/notifications/export',
  operationId: 'exportNotifications',
  summary: 'Download the list of notifications as CSV',
  description: `The list by the same filter, as a CSV file (RFC 4180, UTF-8, a first row with the names of the columns), without contents. Cells that a spreadsheet would take for a formula begin with an apostrophe. At most \`limit\` rows, ${DEFAULT} unless said, ${MOST} at most; where there are more, a last row says so in its first cell, after a "#", with the \`cursor\` to go on from. A file that broke off has an incomplete transfer, never an end that looks like one.`,
  tags: ['Notifications'],
  ...needs('notifications:read'),
  request: {
    query: z.strictObject({
      ...filterShape,
      ...sortShape,
      cursor: pageQuery.cursor,
      limit: z
        .string()
        .regex(/^[1-9]\d{0,6}$/, `is not a whole number from 1 to ${MOST}`)
        .refine((text) => Number(text) <= MOST, {
          error: `is too large; at most ${MOST}, go on with the cursor of the last row`,
        })
        .optional()
        .openapi({ type: 'integer', minimum: 1, maximum: MOST, default: DEFAULT }),
    }),
  },
  responses: {
    200: { description: 'The file.', content: { 'text/csv': { schema: z.string() } } },
    ...problemResponses('invalid_request'),
  },
});

export function registerExportNotifications(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const { limit, cursor, ...query } = c.req.valid('query');
    const pages: Pages = (rows, from) =>
      read(c, ({ sql }) => listOf(sql, c.get('caller'), query)(rows, from));
    const rows = csvOf(pages, limit === undefined ? DEFAULT : Number(limit), cursor);
    // What cannot be read at all is still answered as a problem.
    const first = await rows.next();
    const day = new Date(deps.clock.now()).toISOString().slice(0, 10);
    return c.body(streamOf(first, rows), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="notifications-${day}.csv"`,
    }) as never;
  });
}

type Pages = ReturnType<typeof listOf>;

/** The text of the file, a page at a time. */
async function* csvOf(pages: Pages, limit: number, from: string | undefined): AsyncGenerator<string> {
  const names = Object.keys(COLUMNS);
  let text = csvRow(names);
  let left = limit;
  let cursor = from;
  do {
    const { rows, next } = await pages(Math.min(OF_A_PAGE, left), cursor);
    for (const row of rows) {
      const view = viewNotification(row);
      text += csvRow(Object.values(COLUMNS).map((cell) => cell(view)));
    }
    left -= rows.length;
    cursor = nextCursor(next) ?? undefined;
    if (left === 0 && cursor !== undefined) {
      const note = `# These are ${limit} rows and there are more: go on with cursor=${cursor}`;
      text += csvRow([note, ...names.slice(1).map(() => null)]);
    }
    yield text;
    text = '';
  } while (left > 0 && cursor !== undefined);
}

/** Reads on only when the reader wants more, and stops with it. */
function streamOf(first: IteratorResult<string>, rows: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(first.value)),
    async pull(controller) {
      const { value, done } = await rows.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => void (await rows.return(undefined)),
  });
}
