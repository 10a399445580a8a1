import { type CampaignRow, getCampaign } from '@carillon/db/campaigns/campaigns';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { Sql } from 'postgres';
import type { CampaignBoard, CampaignProgress } from './board.ts';

/** Why the server ends a stream. `ended`: the campaign is over. */
export type CampaignStreamEnd = 'ended' | 'gone' | 'restarting';

/** Open streams of campaigns in this process: each campaign is read once a second for all of them. */
export interface CampaignStreams {
  /**
   * @param view a campaign as this client may see it, as JSON.
   * @param endInMs when it ends by itself: the client connects again.
   * @returns the body of the answer.
   */
  open(
    tenant: Tenant,
    id: string,
    view: (row: CampaignRow, progress: CampaignProgress) => string,
    endInMs: number,
  ): ReadableStream<Uint8Array>;
  /** Ends every stream: the clients connect again, to another process. */
  close(): void;
}

const LOOK_MS = 1_000;
/** Proxies and load balancers commonly close what is silent for 60 s. */
const BEAT_MS = 20_000;
/** Bytes that wait for a slow reader; then it is left out until they are read. */
const MOST_WAITING = 256 * 1024;
/** A reader that has left no room for this long is dropped. */
const SLOW_MS = 60_000;
/** Browsers that reconnect by themselves (EventSource) wait this long. */
const RETRY_MS = 2_000;

const encoder = new TextEncoder();

interface Stream {
  controller: ReadableStreamDefaultController<Uint8Array>;
  view: (row: CampaignRow, progress: CampaignProgress) => string;
  /** What it was sent last. */
  sent: string | null;
  /** Monotonic ms. */
  spokeAt: number;
  fullSince: number | null;
  expiry: NodeJS.Timeout | undefined;
}

interface Watched {
  tenant: Tenant;
  id: string;
  streams: Set<Stream>;
  isReading: boolean;
}

export function createCampaignStreams(sql: Sql, board: CampaignBoard): CampaignStreams {
  const watched = new Map<string, Watched>();
  let looking: NodeJS.Timeout | undefined;

  const forget = (key: string, stream: Stream): void => {
    clearTimeout(stream.expiry);
    const campaign = watched.get(key);
    if (!campaign?.streams.delete(stream) || campaign.streams.size > 0) return;
    watched.delete(key);
    if (watched.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  };

  const write = (stream: Stream, text: string): void => {
    stream.controller.enqueue(encoder.encode(text));
    stream.spokeAt = performance.now();
    if ((stream.controller.desiredSize ?? 0) <= 0) stream.fullSince ??= performance.now();
  };

  const end = (key: string, stream: Stream, reason: CampaignStreamEnd): void => {
    if (!watched.get(key)?.streams.has(stream)) return;
    write(stream, `event: closed\ndata: ${JSON.stringify({ reason })}\n\n`);
    stream.controller.close();
    forget(key, stream);
  };

  /** What a stream has not been sent, as far as there is room. */
  const serve = (key: string, stream: Stream, row: CampaignRow, progress: CampaignProgress): void => {
    const now = performance.now();
    if (stream.fullSince !== null) {
      if (now - stream.fullSince < SLOW_MS) return;
      stream.controller.error(new Error('the client does not read'));
      forget(key, stream);
      return;
    }
    const text = stream.view(row, progress);
    if (text !== stream.sent) {
      write(stream, `event: campaign\ndata: ${text}\n\n`);
      stream.sent = text;
    } else if (now - stream.spokeAt >= BEAT_MS) write(stream, ':\n\n');
    if (isOver(row, progress)) end(key, stream, 'ended');
  };

  const look = async (key: string, campaign: Watched): Promise<void> => {
    if (campaign.isReading) return;
    campaign.isReading = true;
    try {
      const row = await getCampaign(sql, campaign.tenant, campaign.id);
      if (row === null) {
        for (const stream of [...campaign.streams]) end(key, stream, 'gone');
        return;
      }
      const [progress] = await board.progress([row]);
      for (const stream of [...campaign.streams]) serve(key, stream, row, progress!);
    } catch {
      // PostgreSQL is away: the next look may succeed.
    } finally {
      campaign.isReading = false;
    }
  };

  return {
    open({ appId, environment }, id, view, endInMs) {
      const key = `${appId} ${environment} ${id}`;
      const stream = { view, sent: null, spokeAt: performance.now(), fullSince: null } as unknown as Stream;
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            stream.controller = controller;
            const campaign = watched.get(key) ?? {
              tenant: { appId, environment },
              id,
              streams: new Set(),
              isReading: false,
            };
            watched.set(key, campaign);
            campaign.streams.add(stream);
            stream.expiry = setTimeout(() => end(key, stream, 'restarting'), endInMs);
            looking ??= setInterval(() => {
              for (const [each, one] of watched) void look(each, one);
            }, LOOK_MS);
            write(stream, `retry: ${RETRY_MS}\n\n`);
            void look(key, campaign);
          },
          pull() {
            stream.fullSince = null;
          },
          cancel() {
            forget(key, stream);
          },
        },
        new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING }),
      );
    },
    close() {
      for (const [key, { streams }] of [...watched])
        for (const stream of [...streams]) end(key, stream, 'restarting');
      clearInterval(looking);
    },
  };
}

/** A cancelled campaign is over once what waited of it was cancelled too. */
function isOver({ state }: CampaignRow, { counts }: CampaignProgress): boolean {
  if (state === 'done' || state === 'failed') return true;
  return state === 'cancelled' && counts.whole.open === 0;
}
