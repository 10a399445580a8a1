import { runningCampaigns } from '@carillon/db/campaigns/launch';
import { openDatabase } from '@carillon/db/connection/client';
import { makeSlice, type TextsCache } from '@carillon/services/campaigns/slice';

/**
 * A process that makes all slices of one campaign, beside others, as fast as it can. Says `ready` to its parent, begins
 * when it is answered, and says `done`.
 */
const [url, campaignId] = process.argv.slice(2) as [string, string];
const db = openDatabase({ url, name: 'bench slices' });
const campaign = (await runningCampaigns(db.sql)).find(({ id }) => id === campaignId);
if (campaign === undefined) throw new Error(`campaign ${campaignId} does not run`);

process.once('message', async () => {
  const texts: TextsCache = new Map();
  // Two at a time, as the runner of a worker is not: one waits for PostgreSQL while the other computes.
  const make = async (): Promise<void> => {
    while ((await makeSlice(db.sql, campaign, texts)) !== 'none');
  };
  await Promise.all([make(), make()]);
  process.send!('done', undefined, undefined, () => void db.close().then(() => process.exit(0)));
});
process.send!('ready');
