import { createHash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { PutRecipientRequest } from '../api-types.ts';
import { UsageError } from './usage-error.ts';

/** The outcome of a row. `stored` rows are skipped when the import is repeated with the same report. */
export interface RowEnd {
  line: number;
  recipient_id: string | null;
  outcome: 'stored' | 'refused';
  /** Digest of the stored row: a row that was edited since is stored again. */
  digest?: string;
  problem?: string;
}

/**
 * The file that makes an import resumable: a line of JSON for each finished row, appended as rows finish. Rows in
 * progress at a crash are not in it and are stored again, which changes nothing.
 */
export interface ImportReport {
  isStored(digest: string): boolean;
  add(end: RowEnd): void;
  close(): void;
}

/** @param file null keeps none. */
export async function openReport(file: string | null): Promise<ImportReport> {
  if (file === null) return { isStored: () => false, add: () => {}, close: () => {} };
  const stored = existsSync(file) ? await storedIn(file) : new Set<string>();
  const handle = openSync(file, 'a');
  return {
    isStored: (digest) => stored.has(digest),
    add: (end) => void writeSync(handle, `${JSON.stringify(end)}\n`),
    close: () => closeSync(handle),
  };
}

async function storedIn(file: string): Promise<Set<string>> {
  const stored = new Set<string>();
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    line++;
    let end: Partial<RowEnd>;
    try {
      end = JSON.parse(text) as RowEnd;
    } catch {
      // A crash may have cut the last line; any other invalid line means another kind of file.
      if (line > 1) continue;
      throw new UsageError(`${file} is not the report of an import; name another one with --report`);
    }
    if (end?.outcome === 'stored' && typeof end.digest === 'string') stored.add(end.digest);
  }
  return stored;
}

/** Digest of a row; 96 bits, so that a million rows do not collide by chance. */
export function digestOf(recipientId: string, fields: PutRecipientRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([recipientId, fields]))
    .digest('hex')
    .slice(0, 24);
}
