import type { Api, ApiDeps } from '../../deps.ts';
import { registerMoveCampaigns } from './move.ts';
import { registerReadCampaigns } from './read.ts';
import { registerListCampaignRecipients } from './recipients.ts';
import { registerReviewCampaigns } from './review.ts';
import { registerTestCampaign } from './send-test.ts';
import { registerStreamCampaign } from './stream.ts';
import { registerWriteCampaigns } from './write.ts';

/** One template to an audience. */
export function registerCampaigns(app: Api, deps: ApiDeps): void {
  registerWriteCampaigns(app, deps);
  registerReadCampaigns(app, deps);
  registerReviewCampaigns(app, deps);
  registerTestCampaign(app, deps);
  registerMoveCampaigns(app, deps);
  registerListCampaignRecipients(app, deps);
  registerStreamCampaign(app, deps);
}
