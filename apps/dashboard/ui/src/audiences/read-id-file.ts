/**
 * The ids of a file: NDJSON (`"user_1"` or `{"id": "user_1"}` a line), or CSV or plain lines, of which the first column
 * counts. A first line that names the column is left out.
 */
export function idsOfFile(text: string): string[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const ids = lines.map(idOf);
  return lines.length > 0 && !isJson(lines[0]!) && HEADS.test(ids[0]!) ? ids.slice(1) : ids;
}

const HEADS = /^(recipient[_ ]?)?id$/i;

function isJson(line: string): boolean {
  return line.startsWith('{') || /^"(?:[^"\\]|\\.)*"$/.test(line);
}

/** A line that is not JSON after all is given as it is: the API names it. */
function idOf(line: string): string {
  if (isJson(line)) {
    try {
      const value: unknown = JSON.parse(line);
      const id = typeof value === 'string' ? value : (value as { id?: unknown }).id;
      if (typeof id === 'string') return id;
    } catch {
      return line;
    }
    return line;
  }
  const quoted = /^"((?:[^"]|"")*)"(?:[,;\t]|$)/.exec(line)?.[1];
  return quoted === undefined ? line.split(/[,;\t]/)[0]!.trim() : quoted.replaceAll('""', '"');
}

/** As the members route takes any number of ids. */
export const ndjsonOf = (ids: readonly string[]): string => ids.map((id) => JSON.stringify(id)).join('\n');
