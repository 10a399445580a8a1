import type { StopMode } from '@carillon/core/campaign/states';
import type { Channel } from '@carillon/core/notification/channel';
import type { ContactPoint } from '@carillon/core/notification/compose';
import type { Preferences } from '@carillon/core/recipient/preferences';
import type { SuppressionReason } from '@carillon/core/recipient/suppression';
import type { Sql } from 'postgres';
import { claimedBeside } from '../attempts/claim-notifications.ts';
import { stopOf } from '../origins/stops.ts';
import { settingsVersionColumn } from '../provider-accounts/provider-accounts.ts';

/** A notification whose call is about to be written, by a claim. */
export interface AboutToWrite {
  id: string;
  leaseToken: string;
  channel: Channel;
  /** Forms of the address that is about to be written to: any of them may be in the list (core/suppression). */
  hashes: readonly Buffer[];
}

/** The claim's facts about the person, read once more. */
export interface WishesRow {
  id: string;
  /** The claim still holds. */
  ours: boolean;
  /** A hash once the recipient was erased. */
  recipient_id: string | null;
  contact_points: ContactPoint[] | null;
  preferences: Preferences | null;
  expires_at: Date | null;
  /** Why the address is suppressed, if it is. */
  suppression: SuppressionReason | null;
  /** Nothing of its origin is sent now; null if it may be. */
  stopped: StopMode | null;
  now: Date;
  settings_version: number;
}

/** For calls that waited since their claim: one look-up by keys for the whole group. Deleted rows are not returned. */
export async function readWishes(sql: Sql, asked: readonly AboutToWrite[]): Promise<WishesRow[]> {
  return sql<WishesRow[]>`
    select c.id, coalesce(c.state = 'sending' and c.lease_token = a.token, false) as ours, c.recipient_id,
      p.contact_points, w.preferences, c.expires_at, (
        select s.reason from suppressions s
        where s.app_id = c.app_id and s.environment = c.environment and s.channel = a.channel
          and s.address_hash in (a.hash, a.other_hash)
        limit 1
      ) as suppression, ${stopOf(sql)} as stopped, now() as now, ${settingsVersionColumn(sql)}
    from unnest(
      ${asked.map(({ id }) => id)}::uuid[], ${asked.map(({ leaseToken }) => leaseToken)}::uuid[],
      ${asked.map(({ channel }) => channel)}::text[],
      ${asked.map(({ hashes }) => hex(hashes[0]!))}::text[]::bytea[],
      ${asked.map(({ hashes }) => hex(hashes.at(-1)!))}::text[]::bytea[]
    ) as a (id, token, channel, hash, other_hash)
    join notifications c on c.id = a.id
    ${claimedBeside(sql)}`;
}

const hex = (hash: Buffer): string => `\\x${hash.toString('hex')}`;
