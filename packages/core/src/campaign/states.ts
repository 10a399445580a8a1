/**
 * The life cycle of a campaign, as data. Requests take their guards from CAMPAIGN_MOVES.
 *
 * `paused` and `cancelled` also have a row in `stops`: that alone decides whether a notification is sent.
 */
export const CAMPAIGN_STATES = [
  'draft',
  'scheduled',
  'running',
  'paused',
  'done',
  'cancelled',
  'failed',
] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** From each state, the states it may become and why. */
export const CAMPAIGN_MOVES: Readonly<
  Record<CampaignState, Readonly<Partial<Record<CampaignState, string>>>>
> = {
  draft: {
    scheduled: 'by request: reviewed, and approved where the app asks for it',
    cancelled: 'by request',
  },
  scheduled: {
    draft: 'by request: its content, audience or schedule was changed',
    running: 'launch: its time has come and the audience is being frozen',
    paused: 'by request',
    cancelled: 'by request',
    failed: 'launch: its template or audience is gone, or nobody would get it',
  },
  running: {
    paused: 'by request, or by itself: too many of the first messages failed',
    done: 'everybody was made or left out, and nothing is open',
    cancelled: 'by request',
    failed: 'launch: its template or audience is gone, or nobody would get it',
  },
  paused: {
    scheduled: 'by request: resumed before its time came',
    running: 'by request: resumed',
    cancelled: 'by request',
  },
  done: {},
  cancelled: {},
  failed: {},
};

/** The states in which a campaign may be moved to `to`: the guard of the statement that moves it. */
export function campaignSources(to: CampaignState): CampaignState[] {
  return CAMPAIGN_STATES.filter((from) => to in CAMPAIGN_MOVES[from]);
}

/** How an origin is stopped. */
export const STOP_MODES = ['paused', 'cancelled'] as const;
export type StopMode = (typeof STOP_MODES)[number];
