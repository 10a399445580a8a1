import { findLosses, scanJson } from '../middleware/json-loss.ts';
import { checkStorable } from '../middleware/storable.ts';
import { flawedRow, type ReadRow } from './read-row.ts';
import { FileRefused, type Lines } from './whole-lines.ts';

/**
 * Rows of newline-delimited JSON: an object a line, strict as bodies of requests are. Empty lines are left out.
 *
 * @throws FileRefused for a file without any.
 */
export async function* ndjsonRows(
  blocks: AsyncIterable<Lines>,
  { isFromStart, isCut }: { isFromStart: boolean; isCut(): boolean },
): AsyncGenerator<ReadRow[]> {
  let isEmpty = isFromStart;
  for await (const { bytes, from, ends, flaws } of blocks) {
    const rows: ReadRow[] = [];
    ends.forEach((end, n) => {
      const line = from + n;
      const flaw = flaws.get(line);
      if (flaw) rows.push(flawedRow([line, line], flaw.kind, flaw.message));
      else {
        const text = bytes.toString('utf8', ends[n - 1] ?? 0, end).trim();
        if (text !== '') rows.push(rowOf(line, text));
      }
    });
    isEmpty &&= rows.length === 0;
    yield rows;
  }
  if (isEmpty && !isCut())
    throw new FileRefused(
      'invalid_request',
      'The file is empty: write one recipient a line, as a JSON object.',
    );
}

function rowOf(line: number, text: string): ReadRow {
  const refused = (message: string) => flawedRow([line, line], 'malformed_line', message);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused(`the line is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return refused('the line is not a JSON object; write one recipient a line');
  const { flaw, members } = checkStorable(value);
  if (flaw) return { line, endLine: line, flaw: { kind: 'malformed_line', ...flaw } };
  const scan = scanJson(text);
  if (scan.hasDoubtfulNumber || scan.members !== members) {
    const [loss] = findLosses(text, 1);
    if (loss)
      return {
        line,
        endLine: line,
        flaw: { kind: 'malformed_line', path: loss.steps.join('.'), message: loss.message },
      };
  }
  return { line, endLine: line, value: value as Record<string, unknown> };
}
