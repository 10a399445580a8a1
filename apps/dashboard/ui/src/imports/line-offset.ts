/** A line of a file, and the offset of its first byte. */
export interface LinePlace {
  line: number;
  offset: number;
}

const FIRST: LinePlace = { line: 1, offset: 0 };
const PIECE = 4 * 1024 * 1024;
const LF = 10;
const CR = 13;

/**
 * Where a line of a file begins, by the line breaks that the API counts: LF, or CR in a file whose beginning has no LF.
 * Reads the file in pieces up to that line and holds none of them.
 *
 * @param from a place before it that is known already.
 * @returns null if the file has fewer lines.
 */
export async function placeOfLine(
  file: Blob,
  line: number,
  from: LinePlace = FIRST,
): Promise<LinePlace | null> {
  const start = from.line <= line ? from : FIRST;
  const head = await bytesOf(file, 0, 64 * 1024);
  const lineBreak = !head.includes(LF) && head.includes(CR) ? CR : LF;
  let at = start.line;
  for (let offset = start.offset; at < line; offset += PIECE) {
    const bytes = await bytesOf(file, offset, PIECE);
    if (bytes.length === 0) return null;
    for (let end = bytes.indexOf(lineBreak); end !== -1; end = bytes.indexOf(lineBreak, end + 1)) {
      at++;
      if (at === line) return { line, offset: offset + end + 1 };
    }
  }
  return { line, offset: start.offset };
}

async function bytesOf(file: Blob, offset: number, length: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
}
