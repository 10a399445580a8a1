import type { InAppMessage } from '@carillon/core/notification/message';
import { expect, test } from 'vitest';
import { call, NOTIFICATION } from '../../../../test/contract/credentials.ts';
import { inboxAdapter } from './send.ts';

const message: InAppMessage = {
  channel: 'in_app',
  appId: 'app',
  environment: 'test',
  recipientId: 'user_1',
  title: 'Hello',
  body: 'There',
};

test('a stored message is delivered, under the id of the notification', async () => {
  const stored: [InAppMessage, string][] = [];
  const adapter = inboxAdapter(async (message, id) => stored.push([message, id]) > 0);
  expect(await adapter.send(message, call())).toEqual({
    class: 'accepted',
    providerMessageId: NOTIFICATION,
    delivered: true,
  });
  expect(stored).toEqual([[message, NOTIFICATION]]);
  expect(adapter.guarantee).toBe('A');
});

test('a failing store is a broken connection, not an answer', async () => {
  const adapter = inboxAdapter(async () => {
    throw new Error('PostgreSQL is away');
  });
  await expect(adapter.send(message, call())).rejects.toThrow('PostgreSQL is away');
});

test('a call whose lease is over is never written', async () => {
  const stored: unknown[] = [];
  const adapter = inboxAdapter(async (entry) => stored.push(entry) > 0);
  const outcome = await adapter.send(message, { ...call(), mayWrite: () => false });
  expect(outcome).toMatchObject({ class: 'transient', code: 'lease_over', phase: 'started' });
  expect(stored).toEqual([]);
});
