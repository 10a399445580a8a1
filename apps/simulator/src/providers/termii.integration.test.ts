import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../start.ts';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';

let simulator: SimulatorUnderTest;
beforeEach(async () => {
  simulator = await simulatorUnderTest();
});
afterEach(() => simulator.end());

const sms = {
  to: '2348012345678',
  from: 'Carillon',
  sms: 'Your code is 4711',
  type: 'plain',
  channel: 'generic',
  api_key: 'TL-x',
};
const send = async (fields: object = {}) => {
  const body = JSON.stringify({ ...sms, ...fields });
  const answer = await fetch(`${simulator.httpUrl}/api/sms/send`, { method: 'POST', body });
  return [answer.status, await answer.json()] as [number, Record<string, unknown>];
};
const report = async (key = 'TL-x', httpUrl = simulator.httpUrl) => {
  const answer = await fetch(`${httpUrl}/api/sms/inbox?api_key=${key}`);
  return (await answer.json()) as Record<string, unknown>[] & Record<string, unknown>;
};

test('a message is accepted with a long id; the protocol carries no Carillon id', async () => {
  const [status, body] = await send();
  expect([status, body]).toMatchObject([200, { code: 'ok', message: 'Successfully Sent' }]);
  expect(body.message_id).toMatch(/^\d{25}$/);
  expect(await simulator.ledger()).toMatchObject([
    {
      provider: 'termii',
      channel: 'sms',
      to: '+2348012345678',
      subject: sms.sms,
      notification_id: null,
      attempt_id: null,
      idempotency_key: null,
    },
  ]);
});

test('the report shows an account its messages, newest first, also after a restart', async () => {
  const [, first] = await send();
  const [, second] = await send({ to: '2348012345679' });
  await send({ api_key: 'TL-other' });
  const check = async (httpUrl?: string) => {
    const rows = await report('TL-x', httpUrl);
    expect(rows).toMatchObject([
      { message_id: second.message_id, receiver: '2348012345679', message: sms.sms, status: 'Delivered' },
      { message_id: first.message_id, receiver: '2348012345678', sender: 'Carillon' },
    ]);
    expect(rows[0]!.created_at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(JSON.stringify(rows)).not.toContain('TL-x');
  };
  await check();
  await simulator.close();
  const next = await startSimulator({ dataDirectory: simulator.dataDirectory });
  try {
    await check(next.httpUrl);
  } finally {
    await next.close();
  }
});

test('a number on the do-not-disturb list appears in the report, and is reached over the other route', async () => {
  expect((await send({ to: '15005550004' }))[0]).toBe(200);
  expect((await send({ to: '15005550004', channel: 'dnd' }))[0]).toBe(200);
  expect((await report()).map(({ status }) => status)).toEqual(['Delivered', 'DND Active on Phone Number']);
});

test.each([
  [{ to: '15005550001' }, 400, /Invalid phone number/],
  [{ to: '15005550003' }, 400, /not set up on this route/],
  [{ to: '+2348012345678' }, 400, /Invalid phone number/],
  [{ to: '15005550015' }, 500, /Server Error/],
  [{ from: 'Too long a sender' }, 404, /ApplicationSenderId not found/],
  [{ sms: '' }, 422, /sms/],
  [{ type: 'unicode' }, 422, /type/],
  [{ channel: 'pigeon' }, 422, /channel/],
  [{ api_key: '' }, 401, /Unauthorized/],
])('%j is refused with %i', async (fields, status, words) => {
  const [answered, body] = await send(fields);
  expect([answered, body.message]).toEqual([status, expect.stringMatching(words)]);
  expect(await simulator.ledger()).toEqual([]);
});

test('the throttle number is refused twice and then accepted; the drop number is accepted without an answer', async () => {
  const statuses = [];
  for (let n = 0; n < 3; n++) statuses.push((await send({ to: '15005550014' }))[0]);
  expect(statuses).toEqual([429, 429, 200]);
  await expect(send({ to: '15005550017' })).rejects.toThrow();
  expect((await simulator.ledger()).map(({ to }) => to)).toEqual(['+15005550014', '+15005550017']);
  expect(await report()).toHaveLength(2);
});
