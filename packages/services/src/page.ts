/** One page of rows, and the start of the next one. */
export interface Page<Row> {
  rows: Row[];
  /** The id of the last row; null on the last page. */
  next: string | null;
}

export interface PageInput {
  /** The `next` of the page before. */
  after?: string | undefined;
  /** The maximum number of rows. */
  limit: number;
}

/** @param load reads at most this many rows, in the order of the list. */
export async function pageOf<Row extends { id: string }>(
  { limit }: PageInput,
  load: (limit: number) => Promise<Row[]>,
): Promise<Page<Row>> {
  // One more than requested shows whether there is another page.
  const found = await load(limit + 1);
  const rows = found.slice(0, limit);
  return { rows, next: found.length > limit ? rows.at(-1)!.id : null };
}
