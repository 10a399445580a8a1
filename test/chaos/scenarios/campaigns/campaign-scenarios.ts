import type { Scenario } from '../scenario.ts';
import { announcedCampaign } from './announced.ts';
import { campaignDiedFreezing } from './died-at.ts';
import { campaignsSharingGroups } from './shared-groups.ts';
import { cancelledCampaign, pausedCampaign } from './stopped.ts';
import { cancelledInDoubt, cancelledWhileWaiting } from './stopped-late.ts';
import { campaignThroughDatabase, campaignThroughKills } from './through-kills.ts';
import { wishesInCampaign } from './wishes.ts';

/**
 * The scenarios of campaigns.
 *
 * @param scale how many times as many messages as mutants are looked for with.
 */
export const campaignScenarios = (scale = 1): readonly Scenario[] => [
  campaignThroughKills(scale),
  campaignThroughDatabase(scale),
  pausedCampaign(scale),
  cancelledCampaign(scale),
  cancelledWhileWaiting,
  cancelledInDoubt,
  wishesInCampaign(scale),
  announcedCampaign(scale),
  campaignsSharingGroups(scale),
  campaignDiedFreezing,
];
