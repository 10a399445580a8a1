import { createOneTimePassword, hashPassword } from '@carillon/core/access/password';
import type { StaffRow } from '@carillon/db/staff/staff';

/** Long enough for a weekend; after that a reset creates a new one. */
export const ONE_TIME_HOURS = 72;

/** An account with the password of its first login, which is shown only once. */
export interface StaffWithPassword {
  member: StaffRow;
  oneTimePassword: string;
}

/** A one-time password and its hash. Made before the transaction: hashing takes some 60 ms. */
export async function newOneTimePassword(): Promise<{ oneTimePassword: string; passwordHash: string }> {
  const oneTimePassword = createOneTimePassword();
  return { oneTimePassword, passwordHash: await hashPassword(oneTimePassword) };
}
