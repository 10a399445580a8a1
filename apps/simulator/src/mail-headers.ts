/** The headers of a message as a mail server reads them: names in lower case, folded lines joined, words decoded. */
export function mailHeaders(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (!headers.has(name)) headers.set(name, decodeWords(line.slice(colon + 1).trim()));
  }
  return headers;
}

/** RFC 2047 encoded words, in UTF-8 or Latin-1; others stay as they are. */
function decodeWords(text: string): string {
  return text.replace(/\?=\s+=\?/g, '?==?').replace(/(?:=\?[\w-]+\?[bq]\?[^?]*\?=)+/gi, (run) => {
    const pieces: Buffer[] = [];
    let charset = 'utf-8';
    // Adjacent words are joined as bytes: encoders may split a character.
    for (const [, set, encoding, content] of run.matchAll(/=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi)) {
      charset = set!;
      pieces.push(encoding!.toLowerCase() === 'b' ? Buffer.from(content!, 'base64') : quoted(content!));
    }
    return Buffer.concat(pieces).toString(/^utf-?8$/i.test(charset) ? 'utf8' : 'latin1');
  });
}

function quoted(content: string): Buffer {
  const spaced = content.replaceAll('_', ' ');
  const bytes = spaced.replace(/=([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}
