import type { State } from '../notification/states.ts';

/**
 * Every type of webhook event, with its meaning. Changes of state are announced by triggers (db/triggers); the schemas
 * of the API description derive from this table.
 */
export const EVENT_TYPES = {
  'notification.sent': 'The provider accepted it.',
  'notification.delivered': 'A receipt says that it arrived, or our own inbox has it.',
  'notification.failed': 'It ended for good: refused, no way to reach the person, or bounced.',
  'notification.dead': 'All attempts are used up; a person may retry it.',
  'notification.in_doubt': 'It is unknown whether the provider has it; the resolver looks for evidence.',
  'notification.bounced':
    'A receipt says that it came back; `permanent` tells whether the address is to blame.',
  'notification.complained': 'The person reported it as spam; the address is suppressed.',
  'notification.opened': 'A tracked e-mail was opened (a hint: mail programs fetch pixels by themselves).',
  'notification.clicked': 'A tracked link was followed.',
  'notification.seen': 'The person had an in-app message on their screen, for the first time.',
  'notification.read': 'The person read an in-app message, for the first time.',
  'notification.suppressed': 'The address must not be written to.',
  'notification.expired': 'Its `expires_at` passed before it could be sent.',
  'campaign.completed': 'Everybody was made or left out, and nothing of it is open.',
  'campaign.paused': 'Somebody paused it, or it paused itself because too many of its first messages failed.',
  'campaign.failed': 'It could not be launched: its audience or template is gone, or nobody belongs to it.',
  'provider.circuit_opened': 'A provider account fails and is left alone; traffic goes to the next one.',
  'provider.circuit_closed': 'A provider account is used again.',
  'webhook_endpoint.disabled': 'An endpoint failed for five days, or answered 410, and hears nothing more.',
} as const satisfies Record<string, string>;
export type EventType = keyof typeof EVENT_TYPES;

/**
 * States of a notification whose start is an event, `notification.<state>`: the condition of the trigger (db/triggers).
 */
export const ANNOUNCED_STATES = [
  'sent',
  'delivered',
  'failed',
  'dead',
  'in_doubt',
  'suppressed',
  'expired',
] as const satisfies readonly State[];

/** Waits before each try, in seconds: at once, then 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 10 h. */
export const TRY_SECONDS: readonly number[] = [0, 5, 300, 1800, 7200, 18_000, 36_000, 36_000];
const JITTER = 0.2;

/** An endpoint that has failed this long without a success is disabled. */
export const DISABLE_AFTER_MS = 5 * 24 * 3600 * 1000;

/**
 * @param tries tries already made, from 1.
 * @param random a number in [0, 1).
 * @returns milliseconds until the next try, or null when they are used up.
 */
export function nextTryMs(tries: number, random: number): number | null {
  const seconds = TRY_SECONDS[tries];
  return seconds === undefined ? null : Math.round(seconds * 1000 * (1 - JITTER + 2 * JITTER * random));
}
