import { ProblemError } from '@carillon/core/text/problem';
import type { App } from '@carillon/db/apps/apps';
import { type InstallationContents, insertApp, lockInstallation } from '@carillon/db/apps/apps';
import { audit } from '@carillon/db/audit/audit';
import { auditKey } from '../api-keys/create.ts';
import { checkedScopes, type MintedKey, mintApiKey } from '../api-keys/mint.ts';
import { checkedName } from '../apps/app-name.ts';
import { assertInstallation, type ReachContext } from '../context.ts';
import { checkedStaffEmail, insertAudited, type StaffWithLink } from '../staff/add.ts';
import { handOver, INVITATION_HOURS, type LinkContext, makePasswordLink } from '../staff/link.ts';

/** The initial objects of an installation; their secrets exist only in this result. */
export interface Initialised {
  app: App;
  /** With a link on which the owner chooses a password. */
  owner: StaffWithLink;
  /** With the scope `installation`: it can create further apps, keys and staff. */
  live: MintedKey;
  test: MintedKey;
}

/**
 * Creates the first app, an owner who can log in to the dashboard, and a live and a test key, in one transaction.
 *
 * @throws ProblemError 409 that names what exists, if there is already an app, a staff account or a key; 422.
 */
export async function initialise(
  ctx: ReachContext & LinkContext,
  input: { appName: string; ownerEmail: string },
): Promise<Initialised> {
  assertInstallation(ctx);
  const name = checkedName('app', input.appName);
  const email = checkedStaffEmail(input.ownerEmail);
  const made = await ctx.db.begin(async (tx) => {
    assertEmpty(await lockInstallation(tx));
    const app = await insertApp(tx, { name, timeZone: null });
    await audit(tx, {
      appId: app.id,
      actor: ctx.actor,
      action: 'app.add',
      subject: `app:${app.id}`,
      detail: { name },
    });
    const grants = [{ role: 'owner', appId: null, environment: null }] as const;
    const member = await insertAudited(tx, ctx.actor, { email, name: '', grants });
    const link = await makePasswordLink(tx, member.id, INVITATION_HOURS);
    const base = { appId: app.id, ratePerSecond: null, expiresAt: null };
    const live = await mintApiKey(tx, {
      ...base,
      environment: 'live',
      name: 'Installation (live)',
      scopes: checkedScopes(['installation'], 'live'),
    });
    const test = await mintApiKey(tx, {
      ...base,
      environment: 'test',
      name: 'First test key',
      scopes: checkedScopes(['admin'], 'test'),
    });
    for (const minted of [live, test]) await auditKey(tx, ctx.actor, 'api_key.create', minted);
    return { app, member, link, live, test };
  });
  const { member, link, ...rest } = made;
  return { ...rest, owner: { member, link: await handOver(ctx, member, link, 'invitation') } };
}

function assertEmpty({ apps, staff, keys }: InstallationContents): void {
  const there = [
    ...apps.map(({ id, name }) => `the app ${JSON.stringify(name)} (${id})`),
    ...staff.map((email) => `the staff account ${email}`),
    ...keys.map((id) => `the API key ${id}`),
  ];
  if (there.length === 0) return;
  throw new ProblemError(
    'invalid_state',
    `This installation is initialised already. There is ${there.join(', ')}. Use "carillon-admin app add", "key create" and "staff add", or "staff reset" for a login that is lost.`,
  );
}
