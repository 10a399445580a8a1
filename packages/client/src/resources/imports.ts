import type { Import, ImportError, ImportResult, Operations } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

/** A file: its text, its bytes, or a stream of them. */
export type ImportSource =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<string | Uint8Array>;

export interface ImportOptions {
  format: 'ndjson' | 'csv';
  /** `upsert` (the default) keeps what a row does not give, `replace` removes it. */
  mode?: 'upsert' | 'replace';
  dryRun?: boolean;
  /** Later choices count also after an opt-out. Needs the scope `suppressions:*`. */
  resubscribe?: boolean;
  /**
   * A UUID of your own. After a broken connection the same file with the same id goes on where it stopped; without one,
   * nothing can go on with the import.
   */
  importId?: string;
  /** The line of the file that the source begins with. Not needed for a source that begins with the first one. */
  fromLine?: number;
  /** The fields of CSV columns with other names; empty leaves a column out. */
  map?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
}

const TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

/** Uploads recipients from a file, of any length. Sent as it is read, once: there are no repeats and no timeout. */
export function importRecipients(
  api: Transport,
  source: ImportSource,
  { format, mode, dryRun, resubscribe, importId, fromLine, map = {}, signal }: ImportOptions,
): Promise<ImportResult> {
  const flag = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'true' : 'false');
  const query = {
    mode,
    dry_run: flag(dryRun),
    resubscribe: flag(resubscribe),
    from_line: fromLine,
    ...Object.fromEntries(Object.entries(map).map(([column, field]) => [`map.${column}`, field])),
  } as const;
  const headers = importId === undefined ? {} : { 'import-id': importId };
  const file = { body: streamOf(source), contentType: TYPES[format], headers };
  return api.upload('importRecipients', { query }, file, signal);
}

function streamOf(source: ImportSource): ReadableStream<Uint8Array> {
  if (typeof source === 'object' && 'getReader' in source) return source;
  const encoder = new TextEncoder();
  const reading = each(source);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await reading.next();
      if (next.done) controller.close();
      else controller.enqueue(typeof next.value === 'string' ? encoder.encode(next.value) : next.value);
    },
    async cancel() {
      await reading.return(undefined);
    },
  });
}

/** One piece, or as they come. */
async function* each(
  source: string | Uint8Array | AsyncIterable<string | Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  if (typeof source === 'string' || source instanceof Uint8Array) yield source;
  else yield* source;
}

type ErrorsQuery = NonNullable<Operations['exportImportErrors']['query']>;

/** Imports of recipients: how far each is, and what was refused. */
export class Imports {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Also while its file is being uploaded. */
  get(id: string, options?: CallOptions): Promise<ImportResult> {
    return this.#api.call('getImport', { path: { id } }, options);
  }

  /** Newest first. */
  list(options?: CallOptions): Pages<Import> {
    return new Pages((cursor) => this.#api.call('listImports', { query: { cursor } }, options));
  }

  /** All errors that are kept, as the text of a file (NDJSON by default). */
  errors(
    id: string,
    query: Pick<ErrorsQuery, 'kind'> & { format?: 'ndjson' | 'csv' } = {},
    options?: CallOptions,
  ): Promise<string> {
    const file: Promise<unknown> = this.#api.call('exportImportErrors', { path: { id }, query }, options);
    return file as Promise<string>;
  }

  /** By line, those that are kept. */
  listErrors(id: string, query: Pick<ErrorsQuery, 'kind'> = {}, options?: CallOptions): Pages<ImportError> {
    return new Pages((cursor) =>
      this.#api.call(
        'exportImportErrors',
        { path: { id }, query: { ...query, format: 'json', cursor } },
        options,
      ),
    );
  }
}
