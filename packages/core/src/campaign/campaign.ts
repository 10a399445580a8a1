import type { Channel } from '../notification/channel.ts';
import type { Priority } from '../notification/priority.ts';

/** One text of a comparison: recipients are divided by weight. */
export interface CampaignVariant {
  key: string;
  template: string;
  weight: number;
}

/** Whom a campaign is for: one of the members. */
export interface CampaignAudience {
  /** A filter of core/audience, checked. */
  filter?: unknown;
  /** The key of a saved audience. */
  audience?: string;
  recipient_ids?: string[];
}

/** A campaign as a person wrote it; checked. */
export interface CampaignDefinition {
  template?: string;
  route: Channel[];
  category?: string;
  priority: Priority;
  audience?: CampaignAudience;
  /** Template variables that all recipients share. */
  data: Record<string, unknown>;
  /** Template variables from the recipient: `{ "name": "attributes.first_name" }`. */
  variables: Record<string, string>;
  events: 'problems' | 'all';
  /** The place in this list is the variant's number less 1; empty where there is one text. */
  variants: CampaignVariant[];
  /** Recipients who get nothing, for comparison, in percent. */
  holdout_percent: number;
}

/** What to do for recipients whose local moment has passed. */
export type LateRule = 'now' | 'next_day' | 'skip';

/** When a campaign is sent. Without `send_at`: at once. */
export interface CampaignSchedule {
  /** RFC 3339; with `in_recipient_time_zone` the date and time on each recipient's clock (`2026-12-24T09:00:00`). */
  send_at?: string;
  in_recipient_time_zone: boolean;
  late: LateRule;
}

/** A template version that a campaign sends, pinned. `variant` 0 is the only text. */
export interface CampaignContent {
  variant: number;
  key: string;
  template: string;
  template_id: string;
  version: number;
}
