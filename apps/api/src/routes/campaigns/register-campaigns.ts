import type { Api, ApiDeps } from '../../deps.ts';
import { registerMoveCampaigns } from './move.ts';
import { registerReadCampaigns } from './read.ts';
import { registerReviewCampaigns } from './review.ts';
import { registerWriteCampaigns } from './write.ts';

/** One template to an audience. */
export function registerCampaigns(app: Api, deps: ApiDeps): void {
  registerWriteCampaigns(app, deps);
  registerReadCampaigns(app, deps);
  registerReviewCampaigns(app, deps);
  registerMoveCampaigns(app, deps);
}
