import type { Brand } from '@carillon/core/recipient/brand';
import { type App, insertApp, lockAppNames } from '@carillon/db/apps/apps';
import { audit } from '@carillon/db/audit/audit';
import { assertInstallation, type ReachContext } from '../context.ts';
import { assertNameIsFree, checkedName, checkedOrigins, checkedTimeZone } from './app-name.ts';

/**
 * Adds an app: a tenant with keys, recipients and templates of its own.
 *
 * @param input.timeZone an IANA name, for times in templates of recipients that have none; null is UTC.
 * @param input.brand checked.
 * @throws ProblemError 403 without the reach of the installation, 409 if the name is taken, 422.
 */
export async function addApp(
  ctx: ReachContext,
  input: {
    name: string;
    timeZone: string | null;
    brand?: Brand | null | undefined;
    allowedOrigins?: string[] | undefined;
    approvesCampaigns?: boolean | undefined;
  },
): Promise<App> {
  assertInstallation(ctx);
  const name = checkedName('name', input.name);
  const timeZone = checkedTimeZone(input.timeZone);
  const { brand = null, approvesCampaigns = false } = input;
  const allowedOrigins = checkedOrigins(input.allowedOrigins ?? []);
  return ctx.db.begin(async (tx) => {
    await lockAppNames(tx);
    await assertNameIsFree(tx, name);
    const app = await insertApp(tx, { name, timeZone, brand, allowedOrigins, approvesCampaigns });
    await audit(tx, {
      appId: app.id,
      actor: ctx.actor,
      action: 'app.add',
      subject: `app:${app.id}`,
      detail: {
        name,
        time_zone: timeZone,
        ...(brand === null ? {} : { brand }),
        ...(approvesCampaigns ? { approves_campaigns: true } : {}),
        ...(allowedOrigins.length === 0 ? {} : { allowed_origins: allowedOrigins }),
      },
    });
    return app;
  });
}
