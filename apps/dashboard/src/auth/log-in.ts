import { hashPassword, verifyPassword } from '@carillon/core/access/password';
import { findStaffAccount, type StaffAccount } from '@carillon/db/staff/find-account';
import type { Sql } from 'postgres';
import { createLoginThrottle } from './login-throttle.ts';

export type LoginOutcome =
  | { kind: 'welcome'; account: StaffAccount }
  /** Wrong password, unknown or disabled account: the answer never distinguishes them. */
  | { kind: 'refused' }
  | { kind: 'wait'; waitMs: number };

export type LogIn = (email: string, password: string, address: string) => Promise<LoginOutcome>;

/** The maximum number of queued logins; each costs a verification of some 60 ms and 32 MiB. */
const LONGEST_LINE = 20;

/**
 * Checks a password and throttles guessing. One at a time per process: parallel guesses would all pass the throttle
 * before the first of them failed, and each takes 32 MiB.
 */
export function createLogIn(sql: Sql, throttle = createLoginThrottle()): LogIn {
  // Also computed for unknown accounts, so that the response time does not reveal which addresses have one.
  const decoy = hashPassword('no account has this password');
  let line: Promise<unknown> = decoy;
  let waiting = 0;

  const check = async (email: string, password: string, address: string): Promise<LoginOutcome> => {
    const key = email.toLowerCase();
    const waitMs = throttle.waitMs(key, address);
    if (waitMs > 0) return { kind: 'wait', waitMs };
    const account = await findStaffAccount(sql, email);
    const matches = await verifyPassword(password, account?.passwordHash ?? (await decoy));
    if (!account || !matches) {
      throttle.failed(key, address);
      return { kind: 'refused' };
    }
    throttle.succeeded(key);
    return { kind: 'welcome', account };
  };

  return async (email, password, address) => {
    if (waiting >= LONGEST_LINE) return { kind: 'wait', waitMs: 2000 };
    waiting++;
    const turn = line.then(() => check(email, password, address));
    line = turn.catch(() => {});
    return turn.finally(() => waiting--);
  };
}
