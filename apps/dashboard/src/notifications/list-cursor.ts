/** The start of the next page: after this row, newest first. */
export interface ListCursor {
  createdAt: string;
  id: string;
}

const SHAPE =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function encodeCursor({ createdAt, id }: ListCursor): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url');
}

/** @returns null for anything but a valid cursor: the list then begins at its start. */
export function decodeCursor(text: string | undefined): ListCursor | null {
  const match = SHAPE.exec(Buffer.from(text ?? '', 'base64url').toString());
  return match && !Number.isNaN(Date.parse(match[1]!)) ? { createdAt: match[1]!, id: match[2]! } : null;
}
