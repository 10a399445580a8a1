import type { Campaign } from '@carillon/client/api-types';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { tenantHeaders } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { campaignKey, type Read, readCampaign } from './read.ts';

/** How often a campaign is asked for while there is no stream. */
const EVERY_MS = 2_000;
/** A stream that broke is opened again after this. */
const AGAIN_MS = 3_000;
const ENDED: readonly Campaign['state'][] = ['done', 'cancelled', 'failed'];

/**
 * A campaign as it is at every moment: by its event stream, and by asking where that does not work. A cancelled one is
 * followed too: what was being sent still ends.
 */
export function useLiveCampaign(id: string) {
  const { tenant } = useHere();
  const queries = useQueryClient();
  const [isLive, setLive] = useState(false);
  const key = campaignKey(tenant, id);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readCampaign(id, signal),
    refetchOnMount: 'always',
    refetchInterval: ({ state: { data } }) =>
      isLive || (data !== undefined && isOver(data.campaign)) ? false : EVERY_MS,
  });
  const state = query.data?.campaign.state;
  const follows = state === 'scheduled' || state === 'running' || state === 'paused';
  const { app, environment } = tenant;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is made of what is listed
  useEffect(() => {
    if (!follows) return;
    const stopping = new AbortController();
    const take = (next: Campaign) => {
      queries.setQueryData(key, (before: Read | undefined) => before && { ...before, campaign: next });
      // A change by a person has another ETag, which the stream does not say.
      const before = queries.getQueryData<Read>(key);
      if (before === undefined || before.campaign.version !== next.version)
        void queries.invalidateQueries({ queryKey: key });
    };
    void follow(id, { signal: stopping.signal, take, onLive: setLive });
    return () => {
      stopping.abort();
      setLive(false);
    };
  }, [id, follows, app, environment, queries]);
  return query;
}

/** Whether its counts are final. */
export const isOver = ({ state, counts }: Campaign): boolean =>
  ENDED.includes(state) && (state !== 'cancelled' || counts.open === 0);

/** Reads the stream until it is over; one that is refused is left to asking. */
async function follow(
  id: string,
  {
    signal,
    take,
    onLive,
  }: { signal: AbortSignal; take(campaign: Campaign): void; onLive(isLive: boolean): void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await fetch(`/api/v1/campaigns/${id}/stream`, {
        headers: { ...tenantHeaders(), Accept: 'text/event-stream' },
        signal,
      });
      const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
      if (!answer.ok || !isStream || answer.body === null) return;
      for await (const data of eventsOf(answer.body)) {
        const value: unknown = JSON.parse(data);
        if (typeof value !== 'object' || value === null || !('counts' in value)) continue;
        onLive(true);
        take(value as Campaign);
      }
    } catch {
      // The connection broke: asked for in the meantime, and tried again.
    }
    onLive(false);
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** The data of the events of a stream. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = `${rest}${decoder.decode(value, { stream: true })}`.replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart());
      if (data.length > 0) yield data.join('\n');
    }
  }
}
