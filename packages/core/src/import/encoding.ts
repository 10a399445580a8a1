/**
 * What the first bytes of a file say about its encoding. Files of recipients are text in UTF-8, with or without a byte
 * order mark. Pure, so that the dashboard names the fault before the file is sent.
 */
const MAGIC: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [
    [0xff, 0xfe],
    'is in UTF-16 (little endian). Save it as UTF-8, for example with "iconv -f utf-16 -t utf-8"',
  ],
  [[0xfe, 0xff], 'is in UTF-16 (big endian). Save it as UTF-8, for example with "iconv -f utf-16 -t utf-8"'],
  [[0x1f, 0x8b], 'is compressed with gzip. Send it unpacked'],
  [[0x50, 0x4b, 0x03, 0x04], 'is a zip archive or a spreadsheet (.xlsx). Save the sheet as CSV in UTF-8'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'is a spreadsheet (.xls). Save the sheet as CSV in UTF-8'],
];
const MARK = [0xef, 0xbb, 0xbf];

const beginsWith = (bytes: Uint8Array, begin: readonly number[]): boolean =>
  begin.every((byte, at) => bytes[at] === byte);

/** @returns a sentence about a file that is no text in UTF-8 by its first four bytes; null for any other. */
export function foreignFile(bytes: Uint8Array): string | null {
  const found = MAGIC.find(([magic]) => beginsWith(bytes, magic));
  if (found) return `The file ${found[1]}.`;
  if (bytes.length >= 2 && (bytes[0] === 0 || bytes[1] === 0))
    return 'The file looks like UTF-16 or UTF-32 without a byte order mark. Save it as UTF-8.';
  return null;
}

/** @returns how many bytes the byte order mark of UTF-8 takes: 0 or 3. */
export function markLength(bytes: Uint8Array): number {
  return beginsWith(bytes, MARK) ? MARK.length : 0;
}
