import { csvRow } from '@carillon/core/text/csv';
import type { AuditRow } from '@carillon/db/audit/list-audit';
import { exportAuditLog, viewAuditEntry } from '@carillon/services/audit/list';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { auditContext, filterFrom, filterQuery } from './audit-schema.ts';

const FORMATS = ['csv', 'ndjson'] as const;
const TYPES = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;

const route = createRoute({
  method: 'get',
  path: '/v1/audit/export',
  operationId: 'exportAudit',
  summary: 'Export the audit log as a file',
  description:
    'Oldest first, all entries that match, as a stream. `ndjson`: an entry of the list per line. `csv`: the same with `detail`, `before` and `after` as JSON; cells that a spreadsheet would take for a formula begin with an apostrophe. An answer that ends early is cut off: its connection breaks.',
  tags: ['Staff and audit'],
  ...needs('audit:read', { everyApp: true }),
  request: { query: z.strictObject({ format: z.enum(FORMATS), ...filterQuery }) },
  responses: {
    200: {
      description: 'The file.',
      content: {
        'text/csv': { schema: z.string() },
        'application/x-ndjson': { schema: z.string() },
      },
    },
    ...problemResponses('wrong_environment', 'invalid_request'),
  },
});

type Entry = ReturnType<typeof viewAuditEntry>;

const HEAD = ['id', 'at', 'app_id', 'actor', 'action', 'subject', 'before', 'after', 'detail'];
const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
const WRITE: Readonly<Record<(typeof FORMATS)[number], (entry: Entry) => string>> = {
  ndjson: (entry) => `${JSON.stringify(entry)}\n`,
  csv: ({ id, at, app_id, actor, action, subject, before, after, detail }) =>
    csvRow([id, at, app_id, actor, action, subject, json(before), json(after), json(detail)]),
};

export function registerExportAudit(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const { format, ...filter } = c.req.valid('query');
    const context = auditContext(c.get('caller'), deps);
    const pages = exportAuditLog(context, filterFrom(filter), (page) => read(c, ({ sql }) => page(sql)));
    // What cannot be read at all is still answered as a problem, and the answer says how far it may be behind.
    const first = await pages.next();
    async function* texts(): AsyncGenerator<Uint8Array> {
      const encoder = new TextEncoder();
      if (format === 'csv') yield encoder.encode(csvRow(HEAD));
      const text = (rows: AuditRow[]) =>
        encoder.encode(rows.map((row) => WRITE[format](viewAuditEntry(row))).join(''));
      if (!first.done) yield text(first.value);
      for await (const rows of pages) yield text(rows);
    }
    // Entries never hold the address of a recipient.
    c.set('isWithoutAddresses', true);
    const day = new Date(deps.clock.now()).toISOString().slice(0, 10);
    return c.body(ReadableStream.from(texts()) as ReadableStream<Uint8Array<ArrayBuffer>>, 200, {
      'Content-Type': TYPES[format],
      'Content-Disposition': `attachment; filename="audit-${day}.${format}"`,
    });
  });
}
