import type { StaffRole } from '@carillon/core/access/access';
import type { Sql } from 'postgres';

export interface StaffAccount {
  id: string;
  email: string;
  role: StaffRole;
  passwordHash: string;
}

/**
 * The account behind an e-mail address as typed (case does not matter); null if there is none, it is disabled, or its
 * one-time password has expired.
 */
export async function findStaffAccount(sql: Sql, email: string): Promise<StaffAccount | null> {
  const [row] = await sql<StaffAccount[]>`
    select id, email, role, password_hash as "passwordHash"
    from staff
    where lower(email) = lower(${email}) and disabled_at is null
      and (one_time_until is null or one_time_until > now())
    limit 1`;
  return row ?? null;
}
