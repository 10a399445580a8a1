import type { Reader } from '../replica/reader.ts';

/** What a page of the hash chain shows. */
export interface VerifiedPage {
  checked: number;
  /** The last row of the page; null of an empty one. */
  lastId: string | null;
  lastHash: Buffer | null;
  /** The first row whose hash is not that of its predecessor and its own content. */
  brokenId: string | null;
  brokenAt: Date | null;
}

/**
 * Computes the hashes of the next rows of the audit log again, as the trigger does (db/triggers/audit-log.sql), and
 * compares.
 *
 * @param after the row before the page, verified already; null for the first page.
 */
export async function verifyAuditPage(
  sql: Reader,
  after: { id: string; hash: Buffer } | null,
  limit: number,
): Promise<VerifiedPage> {
  const [row] = await sql<[VerifiedPage]>`
    with page as (
      select * from audit_log where id > ${after?.id ?? '0'}::bigint order by id limit ${limit}
    ), computed as (
      select id, at, hash,
        sha256(
          coalesce(lag(hash) over (order by id), ${after?.hash ?? null}::bytea, '\\x'::bytea)
          || convert_to(
            concat_ws('|', id, extract(epoch from at), app_id, actor, action, subject, detail::text), 'UTF8'
          )
        ) as expected
      from page
    ), broken as (
      select id, at from computed where hash <> expected order by id limit 1
    )
    select count(*)::int as checked, max(id)::text as "lastId",
      (select hash from page order by id desc limit 1) as "lastHash",
      (select id::text from broken) as "brokenId", (select at from broken) as "brokenAt"
    from computed`;
  return row;
}

/** @returns null if there is no such row. */
export async function auditHash(sql: Reader, id: string): Promise<Buffer | null> {
  const [row] = await sql<{ hash: Buffer }[]>`select hash from audit_log where id = ${id}::bigint`;
  return row?.hash ?? null;
}
