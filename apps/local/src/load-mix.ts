import type { Priority } from '@carillon/core/notification/priority';
import { DEMO_RECIPIENTS } from './demo-recipients.ts';

/** One item of a batch request; see the HTTP contract. */
export interface LoadItem {
  to: Record<string, unknown>;
  channel: string;
  template: string;
  data: Record<string, unknown>;
  priority: Priority;
  category: string;
  idempotency_key: string;
}

/** Recipients that make the simulator fail, so that there are failures, retries and doubts to see. */
const TROUBLE: readonly Pick<LoadItem, 'to' | 'channel'>[] = [
  { to: { email: 'bounce@demo.example' }, channel: 'email' },
  { to: { email: 'throttle@demo.example' }, channel: 'email' },
  { to: { email: 'drop@demo.example' }, channel: 'email' },
  { to: { phone: '+15005550009' }, channel: 'sms' },
  { to: { phone: '+15005550001' }, channel: 'sms' },
  { to: { email: 'error@demo.example' }, channel: 'email' },
];
const TROUBLE_EVERY = 25;

const CHANNELS = [
  'email',
  'email',
  'sms',
  'push',
  'email',
  'in_app',
  'email',
  'sms',
  'push',
  'email',
] as const;
const PRIORITIES = ['normal', 'bulk', 'normal', 'normal', 'bulk', 'normal', 'bulk'] as const;

/**
 * The i-th notification of a run (i from 0): deterministic, mixed over channels, priorities and people; one in 25
 * fails.
 *
 * @param run makes the idempotency keys, and with them the ids, of this run
 */
export function loadItem(run: string, i: number): LoadItem {
  const key = { idempotency_key: `load-${run}-${i}` };
  if (i % TROUBLE_EVERY === TROUBLE_EVERY - 1) {
    const trouble = TROUBLE[Math.floor(i / TROUBLE_EVERY) % TROUBLE.length]!;
    return { ...trouble, ...order(i, 'Ada'), priority: 'normal', ...key };
  }
  const channel = CHANNELS[i % CHANNELS.length]!;
  const people = DEMO_RECIPIENTS.filter(
    ({ contactPoints }) =>
      channel !== 'push' || contactPoints.some(({ kind }) => kind === 'fcm' || kind === 'web_push'),
  );
  const person = people[(i * 7) % people.length]!;
  const to = { recipient_id: person.id };
  if (channel === 'sms' && i % 3 === 0) {
    const code = String((i * 7919) % 1_000_000).padStart(6, '0');
    return {
      to,
      channel,
      template: 'otp',
      data: { code },
      priority: 'critical',
      category: 'security',
      ...key,
    };
  }
  return { to, channel, ...order(i, person.name), priority: PRIORITIES[i % PRIORITIES.length]!, ...key };
}

function order(i: number, name: string): Pick<LoadItem, 'template' | 'data' | 'category'> {
  return { template: 'order_shipped', data: { name, order: `A-${i + 1}` }, category: 'orders' };
}
