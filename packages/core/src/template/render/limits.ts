import type { Channel } from '../../notification/channel.ts';
import type { Content } from '../../notification/message.ts';

export type ContentField = keyof Content;

/** Longest source of one template field, in UTF-16 units. */
export const MAX_SOURCE_LENGTH = 262_144;

/**
 * Work one field may cause, in units: one per character produced, per list item visited, NODE_COST per template node
 * rendered, a sixteenth per character read. Counted, not timed, so that the same message never fails because the
 * machine was busy. The worst allowed template takes about 200 ms on the reference machine.
 */
export const WORK_LIMIT = 2_000_000;
export const NODE_COST = 10;

/**
 * CPU time of one field, for work not covered by the count. Counted work does not reach it on the reference machine.
 */
export const CLOCK_LIMIT_MS = 200;

/** Limits when a template is saved; older templates beyond them are still rendered. Tags and outputs of one field. */
export const MAX_NODES = 10_000;
/** Blocks inside blocks, and brackets inside brackets. */
export const MAX_DEPTH = 50;
/** One tag or output. */
export const MAX_NODE_LENGTH = 8_192;

/**
 * Longest result of each field, in UTF-16 units, as providers and people can handle it. A subject is one header line
 * (RFC 5322, 998 octets); an SMS is Twilio's 1,600 (10 segments); a push payload is 4 KiB with everything.
 */
export const MAX_OUTPUT_LENGTH: Readonly<Record<Channel, Readonly<Partial<Record<ContentField, number>>>>> = {
  email: { subject: 998, text: 262_144, html: 524_288 },
  sms: { text: 1_600 },
  push: { title: 512, body: 2_048, url: 2_048 },
  in_app: { title: 512, body: 16_384, url: 2_048 },
};
