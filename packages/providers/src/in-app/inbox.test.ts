import type { InAppMessage } from '@carillon/core/message';
import { expect, test } from 'vitest';
import { call, NOTIFICATION } from '../proving/credentials.ts';
import { inboxAdapter } from './inbox.ts';

const message: InAppMessage = {
  channel: 'in_app',
  appId: 'app',
  environment: 'test',
  recipientId: 'user_1',
  title: 'Hello',
  body: 'There',
};

test('what is stored is delivered, under the id of the notification', async () => {
  const stored: [InAppMessage, string][] = [];
  const adapter = inboxAdapter(async (...entry) => void stored.push(entry));
  expect(await adapter.send(message, call())).toEqual({
    class: 'accepted',
    providerMessageId: NOTIFICATION,
    delivered: true,
  });
  expect(stored).toEqual([[message, NOTIFICATION]]);
  expect(adapter.guarantee).toBe('A');
});

test('a store that fails is a broken pipe, not an answer', async () => {
  const adapter = inboxAdapter(async () => {
    throw new Error('PostgreSQL is away');
  });
  await expect(adapter.send(message, call())).rejects.toThrow('PostgreSQL is away');
});

test('a call whose lease is over is never written', async () => {
  const stored: unknown[] = [];
  const adapter = inboxAdapter(async (entry) => void stored.push(entry));
  const outcome = await adapter.send(message, { ...call(), mayWrite: () => false });
  expect(outcome).toMatchObject({ class: 'transient', code: 'lease_over', phase: 'started' });
  expect(stored).toEqual([]);
});
