import { nameProblem } from '@carillon/core/provider/visible-text';
import type { FieldError } from '@carillon/core/text/problem';
import { ProblemError } from '@carillon/core/text/problem';
import { show } from '@carillon/core/text/show';

/** Ids of one part: one statement, one commit. */
const PART = 5_000;
/** Bytes of a line: an id has at most 255 characters. */
const MAX_LINE = 4_096;
const MAX_ERRORS = 1_000;

export interface ReadIds {
  parts: AsyncGenerator<string[]>;
  /** Lines that were no id: filled while the parts are read. */
  failed: { count: number; errors: (FieldError & { line: number })[] };
}

/**
 * Ids of recipients from NDJSON: a text or an object with `id` a line. A bad line fails alone. Memory is bounded by a part.
 *
 * @param silenceMs without a byte, after which the upload is ended.
 */
export function readIds(body: ReadableStream<Uint8Array>, silenceMs = 30_000): ReadIds {
  const failed: ReadIds['failed'] = { count: 0, errors: [] };
  const refuse = (line: number, path: string, message: string): void => {
    failed.count += 1;
    if (failed.errors.length < MAX_ERRORS) failed.errors.push({ line, path, message });
  };
  async function* parts(): AsyncGenerator<string[]> {
    let part: string[] = [];
    for await (const { text, line } of linesOf(body, silenceMs)) {
      if (text === null) refuse(line, '', `the line is longer than ${MAX_LINE} bytes; write one id a line`);
      else if (text.trim() !== '') {
        const read = idOf(text);
        if ('id' in read) part.push(read.id);
        else refuse(line, read.path, read.problem);
      }
      if (part.length < PART) continue;
      yield part;
      part = [];
    }
    if (part.length > 0) yield part;
  }
  return { parts: parts(), failed };
}

function idOf(text: string): { id: string } | { path: string; problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { path: '', problem: `${show(text)} is not JSON; write "user_42" or {"id": "user_42"} a line` };
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const unknown = isObject ? Object.keys(value as object).find((name) => name !== 'id') : undefined;
  if (unknown !== undefined)
    return { path: unknown.slice(0, 64), problem: 'there is no such field here; a line has only "id"' };
  const id = isObject ? (value as { id?: unknown }).id : value;
  const path = isObject ? 'id' : '';
  if (typeof id !== 'string' || id === '' || id.length > 255)
    return { path, problem: `${show(id)} is not an id of 1 to 255 characters` };
  const problem = id.isWellFormed() ? nameProblem(id) : 'has half a surrogate pair';
  return problem === null ? { id } : { path, problem: `${show(id)} ${problem}` };
}

/** @returns lines by their number, from 1; null for one that is too long, which is skipped. */
async function* linesOf(
  body: ReadableStream<Uint8Array>,
  silenceMs: number,
): AsyncGenerator<{ text: string | null; line: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let line = 0;
  let skipping = false;
  for await (const chunk of chunksOf(body, silenceMs)) {
    const lines = (rest + decode(decoder, chunk, line)).split('\n');
    rest = lines.pop()!;
    for (const text of lines) {
      line += 1;
      if (!skipping) yield { text: text.length > MAX_LINE ? null : text, line };
      skipping = false;
    }
    if (rest.length <= MAX_LINE && !skipping) continue;
    if (!skipping) yield { text: null, line: line + 1 };
    skipping = true;
    rest = '';
  }
  if (rest !== '' && !skipping) yield { text: rest, line: line + 1 };
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array, line: number): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new ProblemError(
      'malformed_request',
      `The body is not UTF-8 after line ${line}. What came before is stored. Send the rest in UTF-8.`,
      { cause },
    );
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>, silenceMs: number): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let timer: NodeJS.Timeout | undefined;
  try {
    for (;;) {
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          const detail = `Nothing came for ${silenceMs / 1000} s. What came before is stored: send the whole list again, nobody is added twice.`;
          reject(new ProblemError('request_timeout', detail));
        }, silenceMs);
      });
      const { done, value } = await Promise.race([reader.read(), silence]);
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError(
      'malformed_request',
      'The connection ended before the body did. What came before is stored: send the whole list again, nobody is added twice.',
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
    void reader.cancel().catch(() => {});
  }
}
