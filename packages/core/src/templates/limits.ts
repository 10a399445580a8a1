import type { Channel } from '../channel.ts';
import type { Content } from '../message.ts';

export type ContentField = keyof Content;

/** Longest source of one template field, in UTF-16 units. */
export const MAX_SOURCE_LENGTH = 262_144;

/**
 * Work one field may cause, in units: one per character made, per list item walked, NODE_COST per template node
 * rendered. Counted, not timed, so that the same message never fails because the machine was busy. The worst allowed
 * template takes about 200 ms on the reference machine.
 */
export const WORK_LIMIT = 2_000_000;
export const NODE_COST = 10;

/** The clock as a last resort, for work the count misses. Far above anything a pause of the process could cause. */
export const RENDER_LIMIT_MS = 2_000;

/**
 * Longest result of each field, in UTF-16 units: what providers and people can take. A subject is one header line
 * (RFC 5322, 998 octets); an SMS is Twilio's 1,600 (10 segments); a push payload is 4 KiB with everything.
 */
export const MAX_OUTPUT_LENGTH: Readonly<Record<Channel, Readonly<Partial<Record<ContentField, number>>>>> = {
  email: { subject: 998, text: 262_144, html: 524_288 },
  sms: { text: 1_600 },
  push: { title: 512, body: 2_048, url: 2_048 },
  in_app: { title: 512, body: 16_384, url: 2_048 },
};
