import type { Channel } from '@carillon/core/notification/channel';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** Small elements that several pages share. */

const STATE_KIND: Readonly<Record<State, string>> = {
  scheduled: 'wait',
  pending: 'busy',
  queued: 'busy',
  sending: 'busy',
  retrying: 'wait',
  in_doubt: 'doubt',
  sent: 'good',
  delivered: 'good',
  failed: 'bad',
  dead: 'bad',
  suppressed: 'mute',
  skipped: 'mute',
  cancelled: 'mute',
  expired: 'mute',
};

export function stateBadge(state: State): Html {
  return html`<span class="badge ${STATE_KIND[state]}">${label(state)}</span>`;
}

export function priorityMark(priority: Priority): Html {
  return html`<span class="priority ${priority}">${priority}</span>`;
}

export function label(word: State | Channel | string): string {
  return word === 'in_app' ? 'in-app' : word.replaceAll('_', ' ');
}

/** A time, absolute in UTC and relative; a dash for none. */
export function moment(at: Date | null, now: Date): Html {
  if (!at) return html`<span class="none">-</span>`;
  return html`<time datetime="${at.toISOString()}"><span class="abs">${utc(at)}</span> <span class="rel">${ago(at, now)}</span></time>`;
}

/** `2025-11-21 06:27:12`, UTC. */
export function utc(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** `3 min ago`, `in 2 h`, `just now`. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return 'just now';
  const [unit, length] = UNITS.find(([, least]) => size >= least) ?? (['s', 1] as const);
  const amount = `${Math.floor(size / length)} ${unit}`;
  return seconds > 0 ? `${amount} ago` : `in ${amount}`;
}
