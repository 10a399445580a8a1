import type { NotificationDetail } from '@carillon/db/notifications/dashboard-read-notification';
import { expect, test } from 'vitest';
import { timelineOf } from './timeline.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2025, 10, 21, 6, 0, seconds));

const retried: NotificationDetail = {
  id: '0f8fad5b-d9cb-869f-a165-708677289501',
  appId: '0f8fad5b-d9cb-469f-a165-708677289501',
  appName: 'Shop',
  environment: 'test',
  createdAt: at(0),
  updatedAt: at(9),
  state: 'sent',
  priority: 'normal',
  channel: 'email',
  route: ['email'],
  recipientId: 'user_42',
  address: null,
  contactPoints: [],
  category: null,
  templateKey: 'order_shipped',
  templateVersion: 1,
  locale: null,
  idempotencyKey: 'order-17',
  orderingKey: null,
  campaignId: null,
  sendAt: null,
  expiresAt: null,
  redactedAt: null,
  queuedAt: at(7),
  nextAttemptAt: null,
  leaseUntil: null,
  attemptCount: 2,
  tries: 2,
  provider: 'resend',
  providerMessageId: 're_1',
  errorCode: null,
  error: null,
  receipts: [],
  attempts: [
    {
      n: 1,
      phase: 'answered',
      channel: 'email',
      provider: 'resend',
      startedAt: at(2),
      finishedAt: at(3),
      outcome: 'rejected',
      errorCode: '422',
      error: 'no such domain',
      providerMessageId: null,
      latencyMs: 812,
    },
    {
      n: 2,
      phase: 'started',
      channel: 'email',
      provider: 'resend',
      startedAt: at(8),
      finishedAt: null,
      outcome: null,
      errorCode: null,
      error: null,
      providerMessageId: null,
      latencyMs: null,
    },
  ],
  history: [{ at: at(6), state: 'pending', actor: 'staff:ada@example.com', reason: 'retried by hand' }],
};

test('the timeline is in chronological order across all tables', () => {
  expect(timelineOf(retried).map(({ title, detail, tone }) => [title, detail, tone])).toEqual([
    ['Accepted', null, 'plain'],
    ['Attempt 1: resend, email', 'rejected after 812 ms (422: no such domain)', 'bad'],
    ['Retried by hand', 'by staff:ada@example.com', 'plain'],
    ['Put into its lane', 'email-normal', 'plain'],
    ['Attempt 2: resend, email', 'no answer yet', 'plain'],
  ]);
});
