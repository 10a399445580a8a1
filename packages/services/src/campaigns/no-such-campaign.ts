import { CAMPAIGN_MOVES, type CampaignState, campaignSources } from '@carillon/core/campaign/states';
import { ProblemError } from '@carillon/core/text/problem';
import type { CampaignRow } from '@carillon/db/campaigns/campaigns';

/** One answer for an id that does not exist and for one of another app. */
export function noSuchCampaign(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no campaign ${JSON.stringify(id.slice(0, 64))} in this app and environment. GET /v1/campaigns lists them.`,
  );
}

/**
 * Refuses a move that CAMPAIGN_MOVES does not have.
 *
 * @param verb completes "can be ...": `paused`.
 * @throws ProblemError 409 with the state, what can be moved so, and what this campaign can become.
 */
export function assertMove(
  { id, state }: Pick<CampaignRow, 'id' | 'state'>,
  to: CampaignState,
  verb: string,
  from: readonly CampaignState[] = campaignSources(to),
): void {
  if (from.includes(state)) return;
  throw wrongCampaignState({ id, state }, `only a campaign that is ${from.join(' or ')} can be ${verb}`);
}

/** @param why completes the sentence "Campaign ... is done; ...". */
export function wrongCampaignState(
  { id, state }: Pick<CampaignRow, 'id' | 'state'>,
  why: string,
): ProblemError {
  const next = Object.keys(CAMPAIGN_MOVES[state]);
  const allowed = next.length === 0 ? 'It is over; create another one.' : `It can become ${next.join(', ')}.`;
  return new ProblemError('invalid_state', `Campaign ${id} is ${state}; ${why}. ${allowed}`);
}
