import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { startSimulator } from './start.ts';
import { postGeneric, readLedger, type SimulatorUnderTest, simulatorUnderTest } from './under-test.ts';

let simulator: SimulatorUnderTest;
beforeEach(async () => {
  simulator = await simulatorUnderTest();
});
afterEach(() => simulator.end());

const status = (answer: Promise<Response>): Promise<number | 'cut'> =>
  answer.then(
    ({ status }) => status,
    () => 'cut' as const,
  );

test('an outage closes every connection and accepts nothing, until it is cleared', async () => {
  expect((await simulator.behave({ provider: '*', mode: 'outage' })).status).toBe(200);
  expect(await status(simulator.post({}))).toBe('cut');
  expect(await simulator.ledger()).toEqual([]);
  await fetch(`${simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  expect(await status(simulator.post({}))).toBe(200);
});

test('an outage with a status answers with it', async () => {
  await simulator.behave({ provider: 'generic', mode: 'outage', status: 503 });
  const answer = await simulator.post({});
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await simulator.ledger()).toEqual([]);
});

test('a behaviour ends automatically after for_seconds', async () => {
  await simulator.behave({ provider: 'generic', mode: 'outage', status: 503, for_seconds: 0.3 });
  expect(await status(simulator.post({}))).toBe(503);
  await until('the end of the outage', async () => (await status(simulator.post({}))) === 200);
  expect(await (await fetch(`${simulator.httpUrl}/behaviour`)).json()).toEqual({ data: [] });
});

test("a provider's own behaviour takes precedence over that of all", async () => {
  await simulator.behave({ provider: '*', mode: 'outage' });
  await simulator.behave({ provider: 'generic', mode: 'ok' });
  expect(await status(simulator.post({}))).toBe(200);
});

test('accept_then_drop accepts and disconnects, accept_then_timeout accepts and stays silent', async () => {
  await simulator.behave({ provider: 'generic', mode: 'accept_then_drop' });
  expect(await status(simulator.post({ to: 'a@example.com' }))).toBe('cut');
  await simulator.behave({ provider: 'generic', mode: 'accept_then_timeout' });
  const silent = status(simulator.post({ to: 'b@example.com' }));
  await until('both acceptances', async () => (await simulator.ledger()).length === 2);
  await simulator.close();
  expect(await silent).toBe('cut');
});

test('throttle refuses everything with Retry-After', async () => {
  await simulator.behave({ provider: 'generic', mode: 'throttle' });
  for (let i = 0; i < 3; i++) {
    const answer = await simulator.post({});
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
  }
  expect(await simulator.ledger()).toEqual([]);
});

test('error_rate refuses its share with the status, and accepts exactly the others', async () => {
  await simulator.behave({ provider: 'generic', error_rate: 0.5, status: 502 });
  const answers = await Promise.all(Array.from({ length: 200 }, () => status(simulator.post({}))));
  const failed = answers.filter((answer) => answer === 502).length;
  // The probability of a value outside is 10^-12.
  expect(failed).toBeGreaterThan(50);
  expect(failed).toBeLessThan(150);
  expect(await simulator.ledger()).toHaveLength(200 - failed);
  const stats = (await (await fetch(`${simulator.httpUrl}/stats`)).json()) as Record<
    string,
    Record<string, number>
  >;
  expect([stats.accepted!.generic, stats.refused!.generic]).toEqual([200 - failed, failed]);
});

test('latency is added to answers', async () => {
  await simulator.behave({ provider: 'generic', latency_ms: 150 });
  const before = performance.now();
  await simulator.post({});
  expect(performance.now() - before).toBeGreaterThanOrEqual(149);
});

test('the commands of recipients: what is accepted, and what the client sees', async () => {
  const seen = async (to: string) => status(simulator.post({ to }));
  expect(await seen('ok@example.com')).toBe(200);
  expect(await seen('bounce@example.com')).toBe(422);
  expect(await seen('complain@example.com')).toBe(200);
  expect(await seen('error@example.com')).toBe(500);
  expect(await seen('drop@example.com')).toBe('cut');
  const again = { to: 'throttle@example.com', notification_id: 'one' };
  const tries = [];
  for (let i = 0; i < 3; i++)
    tries.push(await status(simulator.post({ ...again, attempt_id: `one/${i + 1}` })));
  expect(tries).toEqual([429, 429, 200]);
  const before = performance.now();
  expect(await seen('slow@example.com')).toBe(200);
  expect(performance.now() - before).toBeGreaterThanOrEqual(1_990);
  expect((await simulator.ledger()).map(({ to }) => to.split('@')[0])).toEqual([
    'ok',
    'complain',
    'drop',
    'throttle',
    'slow',
  ]);
});

test('the generic provider answers a repeated key with the same id and accepts once, also after a restart', async () => {
  const key = { 'idempotency-key': 'n/1' };
  const id = async (answer: Promise<Response>) => ((await (await answer).json()) as { id: string }).id;
  const first = await id(simulator.post({}, key));
  expect(await id(simulator.post({}, key))).toBe(first);
  expect(await id(simulator.post({}, { 'idempotency-key': 'n/2' }))).not.toBe(first);
  await simulator.close();
  const next = await startSimulator({ dataDirectory: simulator.dataDirectory });
  try {
    expect(await id(postGeneric(next.httpUrl, {}, key))).toBe(first);
    expect(await readLedger(next.httpUrl)).toHaveLength(2);
  } finally {
    await next.close();
  }
});

test('a message that was accepted and dropped is settled by repeating it with its key', async () => {
  const send = () => status(simulator.post({ to: 'drop@example.com' }, { 'idempotency-key': 'n/1' }));
  expect([await send(), await send()]).toEqual(['cut', 200]);
  expect(await simulator.ledger()).toHaveLength(1);
});

test('unsigned, malformed and unaddressed messages are not accepted', async () => {
  const raw = (body: string, headers: Record<string, string>) =>
    status(fetch(`${simulator.httpUrl}/generic/email`, { method: 'POST', body, headers }));
  expect(await raw('{"to":"a@example.com"}', {})).toBe(401);
  expect(await raw('{"to"', { 'x-carillon-signature': 'x' })).toBe(400);
  expect(await raw('{}', { 'x-carillon-signature': 'x' })).toBe(422);
  expect(await simulator.ledger()).toEqual([]);
});

test('invalid commands and queries are refused as problems that name field, value and bound', async () => {
  const problem = async (answer: Promise<Response> | Response) => {
    const { status, headers } = await answer;
    expect(headers.get('content-type')).toContain('application/problem+json');
    return [status, await (await answer).json()] as [number, Record<string, unknown>];
  };
  const wrong = await problem(await simulator.behave({ provider: 'nobody', error_rate: 7 }));
  expect(wrong).toMatchObject([
    422,
    { code: 'invalid_request', errors: [{ path: 'provider' }, { path: 'error_rate' }] },
  ]);
  const get = (path: string, init?: RequestInit) => problem(fetch(`${simulator.httpUrl}${path}`, init));
  expect(await get('/behaviour', { method: 'PUT', body: '{' })).toMatchObject([
    400,
    { code: 'malformed_json' },
  ]);
  expect(await get('/behaviour?provider=x', { method: 'DELETE' })).toMatchObject([422, {}]);
  expect(await get('/ledger?after=-1')).toMatchObject([422, { errors: [{ path: 'after' }] }]);
  expect(await get('/ledger?limit=0')).toMatchObject([422, { errors: [{ path: 'limit' }] }]);
  expect(await get('/ledger/count')).toMatchObject([422, { errors: [{ path: 'notification_id' }] }]);
  expect(await get('/nothing')).toMatchObject([404, { code: 'not_found' }]);
  expect(await (await fetch(`${simulator.httpUrl}/behaviour`)).json()).toEqual({ data: [] });
});

test('the ledger returns lines after a number, and counts a notification', async () => {
  for (const n of [1, 2, 3]) await simulator.post({ notification_id: `n${n === 3 ? 1 : n}` });
  expect((await simulator.ledger('?after=1')).map(({ seq }) => seq)).toEqual([2, 3]);
  expect((await simulator.ledger('?after=1&limit=1')).map(({ seq }) => seq)).toEqual([2]);
  expect(await simulator.ledger('?after=3')).toEqual([]);
  const count = await fetch(`${simulator.httpUrl}/ledger/count?notification_id=n1`);
  expect(await count.json()).toEqual({ notification_id: 'n1', count: 2 });
});
