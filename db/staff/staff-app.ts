import type { Sql } from 'postgres';

/** The app whose messages are the links of staff: invitations and password resets. */
export const STAFF_APP_ID = '00000000-0000-4000-8000-0000000057af';
/** Its one category: contents are removed as soon as they are final. */
export const STAFF_CATEGORY = 'staff_access';

/** Makes the app with the first link that is sent. */
export async function upsertStaffApp(sql: Sql): Promise<void> {
  await sql`insert into apps (id, name) values (${STAFF_APP_ID}, 'Dashboard accounts') on conflict do nothing`;
  await sql`
    insert into categories (app_id, environment, name, secret)
    values (${STAFF_APP_ID}, 'live', ${STAFF_CATEGORY}, true) on conflict do nothing`;
}

/** Whether e-mail can be sent at all. */
export async function hasEmailAccount(sql: Sql): Promise<boolean> {
  const [row] = await sql<[{ has: boolean }]>`
    select exists (
      select from provider_accounts where channel = 'email' and enabled and 'live' = any (environments)) as has`;
  return row.has;
}
