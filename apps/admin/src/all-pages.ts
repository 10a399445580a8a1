import type { Page } from '@carillon/services/page';

const PAGE = 200;

/** Every row of a list, page by page. */
export async function all<Row>(
  load: (page: { after: string | undefined; limit: number }) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const page = await load({ after, limit: PAGE });
    rows.push(...page.rows);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return rows;
}
