import { hashPassword } from '@carillon/core/access/password';
import type { Grant, Role } from '@carillon/core/access/roles';
import { makeStaffToken } from '@carillon/core/access/staff-token';
import type { KeyRing } from '@carillon/core/notification/envelope';
import { replaceGrants } from '@carillon/db/staff/staff';
import type { Sql } from 'postgres';

export interface StaffOptions {
  email: string;
  /** Left out: the person cannot log in. */
  password?: string;
  role?: Role;
  grants?: readonly Grant[];
}

/** A person with an account, as an accepted invitation leaves it. @returns the id. */
export async function givenStaff(
  sql: Sql,
  { email, password, role = 'owner', grants }: StaffOptions,
): Promise<string> {
  const passwordHash = password === undefined ? null : await hashPassword(password);
  return sql.begin(async (tx) => {
    const [row] = await tx<
      [{ id: string }]
    >`insert into staff (email, name) values (${email}, 'Test') returning id`;
    if (passwordHash !== null)
      await tx`
        insert into staff_credentials (staff_id, provider, account, password_hash)
        values (${row.id}, 'credential', ${row.id}, ${passwordHash})`;
    await replaceGrants(tx, row.id, grants ?? [{ role, appId: null, environment: null }]);
    return row.id;
  });
}

/** A live session, as a login leaves it. @returns its id. */
export async function givenSession(sql: Sql, staffId: string): Promise<string> {
  const [row] = await sql<[{ id: string }]>`
    insert into staff_logins (staff_id, token, expires_at)
    values (${staffId}, ${crypto.randomUUID()}, now() + interval '1 hour') returning id`;
  return row.id;
}

/** The headers with which the dashboard speaks for a session. */
export function staffHeaders(
  ring: KeyRing,
  sessionId: string,
  tenant: { app: string; environment?: string },
): Record<string, string> {
  return {
    authorization: `Bearer ${makeStaffToken(ring, sessionId, Date.now())}`,
    'carillon-app': tenant.app,
    'carillon-environment': tenant.environment ?? 'live',
  };
}
