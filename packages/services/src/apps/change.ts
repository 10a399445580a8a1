import { canonicalJson } from '@carillon/core/notification/request-hash';
import type { Brand } from '@carillon/core/recipient/brand';
import { type App, findApp, lockAppNames, updateApp } from '@carillon/db/apps/apps';
import { audit } from '@carillon/db/audit/audit';
import { assertInstallation, type ReachContext } from '../context.ts';
import { assertNameIsFree, checkedName, checkedTimeZone } from './app-name.ts';
import { noSuchApp } from './find.ts';

/**
 * Renames an app or changes its time zone or its brand; omitted fields stay. A change to the same values writes nothing.
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
  },
): Promise<App> {
  assertInstallation(ctx);
  const name = input.name === undefined ? undefined : checkedName('name', input.name);
  const timeZone = input.timeZone === undefined ? undefined : checkedTimeZone(input.timeZone);
  return ctx.db.begin(async (tx) => {
    await lockAppNames(tx);
    const before = await findApp(tx, input.id, true);
    if (before === null) throw noSuchApp(input.id);
    const wanted = {
      name: name ?? before.name,
      timeZone: timeZone === undefined ? before.timeZone : timeZone,
      brand: input.brand === undefined ? before.brand : input.brand,
    };
    const isSameBrand = canonicalJson(wanted.brand) === canonicalJson(before.brand);
    if (wanted.name === before.name && wanted.timeZone === before.timeZone && isSameBrand) return before;
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
      },
    });
    return app;
  });
}
