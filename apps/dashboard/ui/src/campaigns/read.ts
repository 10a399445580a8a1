import type { Campaign } from '@carillon/client/api-types';
import { exchange } from '../api/call.ts';

/** A campaign with the ETag that a change starts from. */
export interface Read {
  campaign: Campaign;
  etag: string;
}

export const campaignKey = ({ app, environment }: { app: string; environment: string }, id: string) => [
  app,
  environment,
  'campaign',
  id,
];

export async function readCampaign(id: string, signal?: AbortSignal): Promise<Read> {
  const { body, header } = await exchange('getCampaign', { path: { id } }, { ...(signal && { signal }) });
  return { campaign: body, etag: header('etag') ?? '' };
}
