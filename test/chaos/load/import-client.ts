import { setTimeout as pause } from 'node:timers/promises';
import { openUpload } from '../../support/imports.ts';
import { type ImportFile, restOf } from './import-file.ts';

/** A program that imports a file and does not give up: after whatever breaks its upload it goes on under the same id. */
export interface ImportClient {
  /** Resolves when an answer says that the whole file was read. */
  done: Promise<void>;
  /** Uploads it has begun. */
  uploads(): number;
}

export interface ImportClientOptions {
  url: string;
  key: string;
  /** Its Import-Id. */
  id: string;
  file: ImportFile;
  giveUpAfterMs: number;
}

/** Of a file at once, so that its upload takes as long as one from far away. */
const PIECE = 64 * 1024;
const PIECE_EVERY_MS = 80;
const AGAIN_AFTER_MS = 500;
/** Answers after which an upload may go on: another one has the import, bytes were late, a server is away. */
const MAY_GO_ON = new Set([408, 409, 429, 500, 502, 503]);
/** How uploads go on after breaks, by turns. */
const WAYS = ['whole', 'rest', 'rest behind the head'] as const;
type Way = (typeof WAYS)[number];

export function startImportClient(options: ImportClientOptions): ImportClient {
  const { giveUpAfterMs, id } = options;
  let uploads = 0;
  let breaks = 0;

  const importAll = async (): Promise<void> => {
    const giveUpAt = performance.now() + giveUpAfterMs;
    for (let last = 'none'; ; await pause(AGAIN_AFTER_MS)) {
      if (performance.now() > giveUpAt)
        throw new Error(`import ${id} was not read within ${giveUpAfterMs} ms; the last answer was ${last}`);
      const line = await nextLine(options).catch(() => null);
      if (line === null) continue;
      uploads++;
      const answer = await upload(options, line, WAYS[Math.max(0, breaks - 1) % WAYS.length]!).catch(
        () => null,
      );
      if (answer === null) {
        breaks++;
        continue;
      }
      if (answer.status === 200) return;
      last = `${answer.status}: ${JSON.stringify(answer.body)}`;
      if (!MAY_GO_ON.has(answer.status)) throw new Error(`import ${id} got ${last}`);
    }
  };
  const done = importAll();
  done.catch(() => {});
  return { done, uploads: () => uploads };
}

/** @param line the one that is not stored yet */
async function upload(
  { url, key, id, file }: ImportClientOptions,
  line: number,
  way: Way,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { format, text } = file;
  const isBehindHead = way === 'rest behind the head' && format === 'csv' && line > 1;
  const head = isBehindHead ? text.slice(0, text.indexOf('\n') + 1) : '';
  const body = way === 'whole' ? text : head + restOf(file, line);
  const open = openUpload(url, format, key, {
    query: way === 'whole' ? '' : `?from_line=${line}`,
    headers: { 'import-id': id },
  });
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  open.answer.then(over, over);
  for (let at = 0; at < body.length && !isOver; at += PIECE) {
    open.send(body.slice(at, at + PIECE));
    await pause(PIECE_EVERY_MS);
  }
  if (!isOver) open.end();
  try {
    return await open.answer;
  } finally {
    open.cut();
  }
}

/** Of a new import it is the first one. @throws when no answer came */
async function nextLine({ url, key, id }: ImportClientOptions): Promise<number> {
  const answer = await fetch(`${url}/v1/imports/${id}`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(8_000),
  });
  const body = (await answer.json()) as { next_line?: number };
  if (answer.status >= 500) throw new Error(`it got ${answer.status}`);
  return body.next_line ?? 1;
}
