import { randomUUID } from 'node:crypto';
import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Environment } from '@carillon/core/notification/environment';
import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { eraseRecipient } from '@carillon/db/recipients/erase-recipient';
import { insertCampaign, insertPeople, insertTemplate } from '../../support/campaign-rows.ts';
import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import {
  type CampaignEvidence,
  type CampaignSnapshot,
  type ConfirmedStop,
  type ConfirmedWish,
  judgeCampaign,
  madeFor,
} from '../judge/campaigns.ts';
import type { Finding } from '../judge/rules.ts';
import { categoryOf } from '../load/plan.ts';
import { type CampaignWatch, watchCampaign } from './campaign-watch.ts';
import { simulatorAt } from './simulator.ts';

/** A campaign of a cell, and what was done to it. */
export interface CampaignUnderTest {
  id: string;
  /** Waits until a snapshot is as wanted. */
  reaches(what: string, wanted: (snapshot: CampaignSnapshot) => boolean, timeoutMs?: number): Promise<void>;
  /** Waits until it has ended, or for too long: the judge says what is missing. */
  ends(timeoutMs: number): Promise<void>;
  /** Resolves when the API has confirmed it. */
  pause(): Promise<void>;
  cancel(): Promise<void>;
  resume(): Promise<void>;
  suppress(recipientId: string): Promise<void>;
  optOut(recipientId: string): Promise<void>;
  erase(recipientId: string): Promise<void>;
  /** Stops looking, and judges it; the cell judges its notifications one by one. */
  judge(): Promise<Finding[]>;
}

export interface CampaignWishes {
  environment?: Environment;
  policy?: DeliveryPolicy;
  /** Sent a minute at most. */
  throttlePerMinute?: number;
  endsAs?: CampaignEvidence['endsAs'];
  /** Recipients whom their provider refuses. */
  refused?: readonly string[];
}

export interface People {
  ids: readonly string[];
  addressOf(id: string): string;
}

/** People of whom one in so many has an e-mail address: a large audience whose messages are sent soon. */
export interface PeopleWishes {
  environment?: Environment;
  count: number;
  oneIn?: number;
  /** What their addresses command. */
  word?: string;
}

const PREFIX = 'p';

export async function storePeople(cell: Cell, wishes: PeopleWishes): Promise<People> {
  const { environment = 'test', count, oneIn = 1, word = 'ok' } = wishes;
  await insertPeople(cell.sql, {
    appId: cell.appId,
    environment,
    count,
    prefix: PREFIX,
    reachable: `n % ${oneIn} = 0`,
    address: `'${word}+' || n || '@example.com'`,
  });
  const ids = Array.from({ length: count }, (_, n) => `${PREFIX}${String(n).padStart(7, '0')}`);
  return { ids, addressOf: (id) => `${word}+${Number(id.slice(PREFIX.length))}@example.com` };
}

/** Stores a campaign that starts when a runner looks. Its people are everybody there is now. */
export async function storeCampaign(
  cell: Cell,
  people: People,
  wishes: CampaignWishes = {},
): Promise<CampaignUnderTest> {
  const {
    environment = 'test',
    policy = 'resolve',
    throttlePerMinute,
    endsAs = 'done',
    refused = [],
  } = wishes;
  const { sql, appId } = cell;
  const tenant = { appId, environment };
  const templateId = await insertTemplate(sql, appId, { environment, key: `news-${randomUUID()}` });
  const id = await insertCampaign(sql, {
    appId,
    environment,
    templateIds: [templateId],
    category: categoryOf(policy),
    ...(throttlePerMinute === undefined ? {} : { throttlePerMinute }),
  });
  const watch: CampaignWatch = watchCampaign(cell.databaseUrl, id);
  const stops: ConfirmedStop[] = [];
  const confirmed: ConfirmedWish[] = [];

  const move = async (verb: 'pause' | 'resume' | 'cancel'): Promise<void> => {
    const path = `/v1/campaigns/${id}/${verb}`;
    const { status, body } = await cell.call(environment, path, {}, AbortSignal.timeout(30_000));
    if (status !== 200) throw new Error(`"${verb}" got ${status}: ${JSON.stringify(body)}`);
  };
  const stop = async (verb: 'pause' | 'cancel', mode: ConfirmedStop['mode']): Promise<void> => {
    await move(verb);
    stops.push({ mode, confirmedAt: Date.now(), liftedAt: null });
  };
  const wished = (recipientId: string, wish: ConfirmedWish['wish']) =>
    confirmed.push({ recipientId, wish, confirmedAt: Date.now() });

  return {
    id,
    reaches: async (what, wanted, timeoutMs = 90_000) => {
      const isThere = () => {
        const last = watch.snapshots.at(-1);
        return last !== undefined && wanted(last);
      };
      await until(`a campaign ${what}`, isThere, { timeoutMs, everyMs: 20 });
    },
    async ends(timeoutMs) {
      const isOver = () => {
        const last = watch.snapshots.at(-1);
        if (last === undefined || last.state !== endsAs) return false;
        return last.counts.open === last.counts.in_doubt;
      };
      await until('a campaign to end', isOver, { timeoutMs, everyMs: 100 }).catch(() => {});
    },
    pause: () => stop('pause', 'paused'),
    cancel: () => stop('cancel', 'cancelled'),
    async resume() {
      const last = stops.pop()!;
      stops.push({ ...last, liftedAt: Date.now() });
      await move('resume');
    },
    async suppress(recipientId) {
      const wish = { channel: 'email', address: people.addressOf(recipientId) };
      const { status } = await cell.call(environment, '/v1/suppressions', wish, AbortSignal.timeout(8_000));
      if (status !== 201) throw new Error(`the suppression got ${status}`);
      wished(recipientId, 'suppressed');
    },
    async optOut(recipientId) {
      await sql`
        insert into user_preferences (app_id, environment, recipient_id, channels)
        values (${appId}, ${environment}, ${recipientId}, '{"email": false}')`;
      await untilObeyed();
      wished(recipientId, 'opted out');
    },
    async erase(recipientId) {
      await eraseRecipient(sql, tenant, recipientId, { suppress: false, actor: 'key:chaos' });
      await untilObeyed();
      wished(recipientId, 'erased');
    },
    async judge() {
      const snapshots = await watch.stop();
      const notifications = await sql<CampaignEvidence['notifications'][number][]>`
        select id, recipient_id as "recipientId", state from notifications where origin_id = ${id}`;
      const notMade = await sql<CampaignEvidence['notMade'][number][]>`
        select recipient_id as "recipientId", reason from campaign_not_made where campaign_id = ${id}`;
      const waiting = await sql<{ id: string }[]>`
        select recipient as id from campaign_chunks, unnest(recipient_ids[made_upto + 1:]) as recipient
        where campaign_id = ${id} and recipient is not null`;
      const evidence: CampaignEvidence = {
        id,
        ...tenant,
        audience: people.ids,
        snapshots,
        endsAs,
        notifications,
        notMade,
        waiting: waiting.map((row) => row.id),
        stops,
        wishes: confirmed,
      };
      cell.expects(
        people.ids.map((recipientId) => ({
          key: recipientId,
          id: madeFor({ id, ...tenant }, recipientId),
          environment,
          channel: 'email',
          priority: 'bulk',
          policy,
          refusable: refused.includes(recipientId),
          sendAt: null,
          expiresAt: null,
          orderingKey: null,
          answer: 'unknown',
          acceptedAt: null,
          cancelledAt: null,
          isOfCancelled: endsAs === 'cancelled',
        })),
      );
      return judgeCampaign(evidence, await simulatorAt(cell.simulatorUrl).ledger());
    },
  };
}
