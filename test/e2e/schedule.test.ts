import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';
import { until } from '../support/until.ts';

let system: RunningSystem;
beforeAll(async () => {
  system = await runningSystem();
}, 120_000);
afterAll(() => system?.stop());

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
const message = (over: Record<string, unknown> = {}) => ({
  to: { email: 'ok+later@example.test' },
  channel: 'email',
  content: { subject: 'Later', text: 'Later' },
  ...over,
});
const sentAt = async (id: string): Promise<number | null> => {
  const line = (await system.ledger()).find((each) => each.notification_id === id);
  return line ? Date.parse(line.at) : null;
};

test('a send for the near future waits for its time, not a moment less', async () => {
  const send_at = inMs(2500);
  const id = await system.send(message({ send_at }));
  expect((await system.api('GET', `/v1/notifications/${id}`)).body.status).toBe('scheduled');
  await system.becomes(id, ['sent']);
  expect(await sentAt(id)).toBeGreaterThanOrEqual(Date.parse(send_at) - 300);
});

test('a confirmed cancel is never followed by a message', async () => {
  const id = await system.send(message({ send_at: inMs(1500) }));
  expect((await system.api('POST', `/v1/notifications/${id}/cancel`)).status).toBe(200);
  // A later one in the same lane has gone through: the cancelled one's time has certainly passed.
  const witness = await system.send(message({ send_at: inMs(2500) }));
  await system.becomes(witness, ['sent']);
  expect((await system.api('GET', `/v1/notifications/${id}`)).body.status).toBe('cancelled');
  expect(await sentAt(id)).toBeNull();
});

test('a rescheduled one leaves at its new time only, sooner or later', async () => {
  const later = await system.send(message({ send_at: inMs(1000) }));
  const newTime = inMs(3500);
  expect(
    (await system.api('POST', `/v1/notifications/${later}/reschedule`, { send_at: newTime })).status,
  ).toBe(200);
  const sooner = await system.send(message({ send_at: inMs(86_400_000) }));
  expect(
    (await system.api('POST', `/v1/notifications/${sooner}/reschedule`, { send_at: inMs(500) })).status,
  ).toBe(200);
  await system.becomes(sooner, ['sent']);
  await system.becomes(later, ['sent']);
  expect(await sentAt(later)).toBeGreaterThanOrEqual(Date.parse(newTime) - 300);
});

test('a far-off send costs Redis nothing and can be cancelled', async () => {
  const id = await system.send(message({ send_at: inMs(30 * 86_400_000) }));
  expect((await system.api('GET', `/v1/notifications/${id}`)).body.status).toBe('scheduled');
  expect((await system.api('POST', `/v1/notifications/${id}/cancel`)).status).toBe(200);
});

test('what has expired while it waited is not sent, although its provider would take it now', async () => {
  await system.behave({ provider: '*', mode: 'throttle', for_seconds: 30 });
  const id = await system.send(message({ priority: 'critical', ttl_seconds: 1 }));
  const { expires_at: expiresAt } = await system.becomes(id, ['retrying', 'expired']);
  await until('its time to be over', () => Date.now() > Date.parse(expiresAt as string));
  await system.behave(null);
  await system.becomes(id, ['expired']);
  expect(await sentAt(id)).toBeNull();
}, 60_000);
