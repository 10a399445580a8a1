import type { Log } from '@carillon/core/program/log';
import { ProblemError } from '@carillon/core/text/problem';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { ImportOptions, ImportRow } from '@carillon/db/imports/read-imports';
import type { ActorContext } from '@carillon/services/context';
import { beginImport, type OpenImport } from '@carillon/services/imports/begin-import';
import {
  finishImport,
  interruptImport,
  RENEW_EVERY_MS,
  refuseImport,
  renewImport,
} from '@carillon/services/imports/end-import';
import { mergePart } from '@carillon/services/imports/merge-part';
import { beginsWith, readHead } from './file-head.ts';
import { type Cut, readParts, type Upload } from './read-parts.ts';
import { type ImportThreads, importThreads } from './threads.ts';
import { FileRefused } from './whole-lines.ts';

export interface ImportRequest {
  tenant: Tenant;
  actor: string;
  id: string;
  fromLine: number | null;
  options: ImportOptions;
  /** The field of a CSV column with another name. */
  map: Readonly<Record<string, string>>;
  /** Its bytes, which end when the process is stopped. */
  upload(stop: AbortSignal): Upload;
}

/** The imports that this process receives. */
export interface Imports {
  /**
   * Reads an upload to its end. Each part is stored before the next but one is read.
   *
   * @throws ProblemError, with the import's id among its headers: what was read before is stored.
   */
  receive(request: ImportRequest): Promise<ImportRow>;
  /** Ends the uploads that run; each keeps what was read. */
  close(): Promise<void>;
}

/** Each has a thread and, at times, a connection of the pool for set statements. */
const AT_ONCE = 2;

/** @param db the pool for set statements. */
export function createImports({ db, log }: { db: ActorContext['db']; log: Log }): Imports {
  const running = new Set<Promise<unknown>>();
  const stop = new AbortController();
  const threads = importThreads();

  const receive = async (request: ImportRequest): Promise<ImportRow> => {
    const context = { db, actor: request.actor };
    const open = await beginImport(context, request);
    const stopRenewing = keepRenewing(context, open, log);
    try {
      const upload = request.upload(stop.signal);
      const isRestricted = await mergeAll(context, open, request, upload, threads);
      const cut = upload.cut();
      if (cut === null) return await finishImport(context, open, isRestricted);
      const row = await interruptImport(context, open);
      throw cutShort(cut, row ?? open.row);
    } catch (error) {
      if (error instanceof FileRefused) {
        await refuseImport(context, open);
        throw new ProblemError(error.code, error.message, error.errors ? { errors: error.errors } : {});
      }
      await interruptImport(context, open).catch(() => null);
      throw error;
    } finally {
      stopRenewing();
    }
  };

  return {
    receive: async (request) => {
      if (running.size >= AT_ONCE || stop.signal.aborted)
        throw new ProblemError(
          'unavailable',
          `${AT_ONCE} imports are running in this process, as many as it takes at once. Try again in a moment.`,
          { retryAfterSeconds: 5 },
        );
      const work = receive(request);
      running.add(work);
      try {
        return await work;
      } catch (error) {
        throw error instanceof ProblemError ? withId(error, request.id) : error;
      } finally {
        running.delete(work);
      }
    },
    close: async () => {
      stop.abort();
      await Promise.allSettled(running);
      await threads.close();
    },
  };
}

/** @returns whether any part changed a fact that a call in flight may not know. */
async function mergeAll(
  context: ActorContext,
  open: OpenImport,
  { tenant, id, fromLine, options, map }: ImportRequest,
  given: Upload,
  threads: ImportThreads,
): Promise<boolean> {
  const { head, upload } = await readHead(given);
  const { row } = open;
  const isKnown = beginsWith(head, row);
  const isFromStart = isKnown || (fromLine ?? 1) === 1;
  if (isFromStart && !isKnown && row.headHash !== null)
    throw new ProblemError(
      'idempotency_conflict',
      `Import "${id}" has read another file up to line ${row.position}. Send the same file, its rest with from_line=${row.position + 1}, or another Import-Id.`,
    );
  const parts = readParts(
    {
      format: options.format,
      mode: options.mode,
      resubscribe: options.resubscribe,
      appId: tenant.appId,
      layout: row.layout,
      map,
      firstLine: isFromStart ? 1 : fromLine!,
      skipTo: row.position,
    },
    upload,
    threads,
  );
  let isRestricted = false;
  for await (const { part, layout } of parts) {
    const known = { layout, head: isFromStart ? head : null };
    isRestricted = (await mergePart(context, open, part, known)) || isRestricted;
  }
  return isRestricted;
}

function keepRenewing(context: ActorContext, open: OpenImport, log: Log): () => void {
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    // A lost lease is found by the next part.
    renewImport(context, open)
      .catch((error: unknown) => log.warn('a lease of an import was not renewed', { error }))
      .finally(() => {
        isBusy = false;
      });
  }, RENEW_EVERY_MS);
  return () => clearInterval(timer);
}

function cutShort(cut: Cut, { position }: ImportRow): ProblemError {
  const remedy = `It is stored up to line ${position}; go on with from_line=${position + 1} and the same Import-Id.`;
  if (cut === 'stopping')
    return new ProblemError('unavailable', `The server is stopping. ${remedy}`, { retryAfterSeconds: 1 });
  if (cut === 'silent')
    return new ProblemError('request_timeout', `No byte of the file has come for too long. ${remedy}`);
  return new ProblemError('malformed_request', `The connection ended before the file did. ${remedy}`);
}

function withId(error: ProblemError, id: string): ProblemError {
  const { code, message, errors, current, retryAfterSeconds, headers, cause } = error;
  return new ProblemError(code, message, {
    ...(errors === undefined ? {} : { errors }),
    ...(current === undefined ? {} : { current }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    headers: { ...headers, 'Import-Id': id },
    cause,
  });
}
