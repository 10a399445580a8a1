import type { Sql } from 'postgres';
import type { StaffRole } from '../schema/staff.ts';

export interface StaffAccount {
  id: string;
  email: string;
  role: StaffRole;
  passwordHash: string;
}

/** The account behind an e-mail address as typed (case does not matter); null if there is none or it is disabled. */
export async function findStaffAccount(sql: Sql, email: string): Promise<StaffAccount | null> {
  const [row] = await sql<StaffAccount[]>`
    select id, email, role, password_hash as "passwordHash"
    from staff
    where lower(email) = lower(${email}) and disabled_at is null
    limit 1`;
  return row ?? null;
}
