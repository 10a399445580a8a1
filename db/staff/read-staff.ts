import type { Grant } from '@carillon/core/access/roles';
import type { Sql, TransactionSql } from 'postgres';

/** A person with an account of the dashboard, as people may see it: never the password's hash. */
export interface StaffRow {
  id: string;
  email: string;
  name: string;
  grants: Grant[];
  createdAt: Date;
  disabledAt: Date | null;
  /** Whether a password was chosen, or an identity of an OpenID provider is linked. */
  hasLogin: boolean;
  twoFactor: boolean;
  /** Of the newest session; null without a live session. */
  lastSeenAt: Date | null;
}

const columns = (sql: Sql | TransactionSql) => sql`
  id, email, name, created_at as "createdAt", disabled_at as "disabledAt", two_factor_enabled as "twoFactor",
  exists (select from staff_credentials c where c.staff_id = staff.id) as "hasLogin",
  (select max(last_seen_at) from staff_logins l where l.staff_id = staff.id and l.expires_at > now()) as "lastSeenAt",
  ${grantsOf(sql)} as grants`;

/** The roles of the person `staff.id`, as JSON in the shape of `Grant`. */
export const grantsOf = (sql: Sql | TransactionSql) => sql`
  coalesce((
    select jsonb_agg(
      jsonb_build_object('role', r.role, 'appId', r.app_id, 'environment', r.environment)
      order by r.role, r.app_id nulls first, r.environment nulls first)
    from staff_roles r where r.staff_id = staff.id), '[]')`;

/** @param who an id, or an e-mail address in any case. */
export async function findStaff(sql: Sql | TransactionSql, who: string): Promise<StaffRow | null> {
  const [row] = await sql<StaffRow[]>`
    select ${columns(sql)} from staff where id::text = ${who} or lower(email) = lower(${who}) limit 1`;
  return row ?? null;
}

/** How many others can log in as owners of the whole installation. */
export async function countOtherOwners(tx: TransactionSql, id: string): Promise<number> {
  const [row] = await tx<[{ count: number }]>`
    select count(distinct staff.id)::int as count from staff
    join staff_roles r on r.staff_id = staff.id
    where r.role = 'owner' and r.app_id is null and r.environment is null
      and staff.disabled_at is null and staff.id <> ${id}`;
  return row.count;
}

/** Oldest first. @param after the id of the last one of the previous page. Accounts are disabled, never removed. */
export async function listStaffPage(sql: Sql, after: string | undefined, limit: number): Promise<StaffRow[]> {
  return sql<StaffRow[]>`
    select ${columns(sql)} from staff
    ${after === undefined ? sql`` : sql`where (created_at, id) > (select created_at, id from staff where id = ${after})`}
    order by created_at, id limit ${limit}`;
}
