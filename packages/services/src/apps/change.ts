import { canonicalJson } from '@carillon/core/notification/request-hash';
import type { Brand } from '@carillon/core/recipient/brand';
import { type App, findApp, lockAppNames, updateApp } from '@carillon/db/apps/apps';
import { audit } from '@carillon/db/audit/audit';
import { assertInstallation, type ReachContext } from '../context.ts';
import { assertNameIsFree, checkedName, checkedOrigins, checkedTimeZone } from './app-name.ts';
import { noSuchApp } from './find.ts';

/**
 * Renames an app or changes its time zone, its brand, its allowed origins or whether its campaigns
 * are approved; omitted fields stay. A change to the same values writes nothing.
 *
 * @throws ProblemError 403 without the reach of the installation, 404, 409 if the name is taken, 422.
 */
export async function changeApp(
  ctx: ReachContext,
  input: {
    id: string;
    name?: string | undefined;
    timeZone?: string | null | undefined;
    brand?: Brand | null | undefined;
    allowedOrigins?: string[] | undefined;
    approvesCampaigns?: boolean | undefined;
  },
): Promise<App> {
  assertInstallation(ctx);
  const name = input.name === undefined ? undefined : checkedName('name', input.name);
  const timeZone = input.timeZone === undefined ? undefined : checkedTimeZone(input.timeZone);
  const allowedOrigins = input.allowedOrigins && checkedOrigins(input.allowedOrigins);
  return ctx.db.begin(async (tx) => {
    await lockAppNames(tx);
    const before = await findApp(tx, input.id, true);
    if (before === null) throw noSuchApp(input.id);
    const wanted = {
      name: name ?? before.name,
      timeZone: timeZone === undefined ? before.timeZone : timeZone,
      brand: input.brand === undefined ? before.brand : input.brand,
      allowedOrigins: allowedOrigins ?? before.allowedOrigins,
      approvesCampaigns: input.approvesCampaigns ?? before.approvesCampaigns,
    };
    const isSameBrand = canonicalJson(wanted.brand) === canonicalJson(before.brand);
    const areSameOrigins = wanted.allowedOrigins.join() === before.allowedOrigins.join();
    const isSameApproval = wanted.approvesCampaigns === before.approvesCampaigns;
    const isSameName = wanted.name === before.name && wanted.timeZone === before.timeZone;
    if (isSameName && isSameBrand && areSameOrigins && isSameApproval) return before;
    if (wanted.name !== before.name) await assertNameIsFree(tx, wanted.name, before.id);
    const app = await updateApp(tx, before.id, wanted);
    await audit(tx, {
      appId: app.id,
      actor: ctx.actor,
      action: 'app.change',
      subject: `app:${app.id}`,
      detail: {
        ...(app.name === before.name ? {} : { name: app.name, name_before: before.name }),
        ...(app.timeZone === before.timeZone
          ? {}
          : { time_zone: app.timeZone, time_zone_before: before.timeZone }),
        ...(isSameBrand ? {} : { brand: app.brand, brand_before: before.brand }),
        ...(isSameApproval
          ? {}
          : {
              approves_campaigns: app.approvesCampaigns,
              approves_campaigns_before: before.approvesCampaigns,
            }),
        ...(areSameOrigins
          ? {}
          : { allowed_origins: app.allowedOrigins, allowed_origins_before: before.allowedOrigins }),
      },
    });
    return app;
  });
}
