import { type App, listAppPage } from '@carillon/db/apps/apps';
import { assertInstallation, type ReachContext } from '../context.ts';
import { type Page, type PageInput, pageOf } from '../page.ts';

/** The apps of the installation, oldest first. @throws ProblemError 403 without the reach of the installation. */
export async function listApps(ctx: ReachContext, input: PageInput): Promise<Page<App>> {
  assertInstallation(ctx);
  return pageOf(input, (limit) => listAppPage(ctx.db, input.after, limit));
}

/** An app as JSON, for the API and for carillon-admin --json. */
export function viewApp({ id, name, timeZone, brand, allowedOrigins, approvesCampaigns, createdAt }: App) {
  return {
    id,
    name,
    time_zone: timeZone,
    brand,
    allowed_origins: allowedOrigins,
    approves_campaigns: approvesCampaigns,
    created_at: createdAt.toISOString(),
  };
}
