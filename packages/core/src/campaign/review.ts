import type { Channel } from '../notification/channel.ts';

/** Whom a campaign would reach, as counted; recipients, not messages. */
export interface ReviewResult {
  matched: number;
  /** Recipients whom each channel of the route would reach first. */
  reachable: Partial<Record<Channel, number>>;
  suppressed: number;
  opted_out: number;
  no_contact_point: number;
  /** By the name of the variable that the template prints and these recipients do not have. */
  missing_variable: Record<string, number>;
  /** In quiet hours now: held until they end. */
  quiet_now: number;
  /** Without a time zone that PostgreSQL knows: the app's counts for them. */
  unknown_zone: number;
  /** When the last message would be made at the chosen rate; null without a throttle. */
  ends_at: string | null;
}
