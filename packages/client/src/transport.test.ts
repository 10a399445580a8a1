import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { AnswerLike } from './read-answer.ts';
import { sendBatch } from './send-batch.ts';
import { createTransport, type FetchLike } from './transport.ts';
import { wait } from './wait.ts';

/** One answer of a server, or a network fault. */
type Scripted = { status: number; body?: unknown; headers?: Record<string, string> } | Error | 'silence';

const PROBLEM = {
  type: 'https://api.test/docs/problems#invalid_request',
  title: 'The request is not valid',
  code: 'invalid_request',
  detail: 'to.phone: "12" is not a phone number',
  request_id: 'req-1',
  errors: [{ path: 'to.phone', message: '"12" is not a phone number' }],
};
const problem = (status: number, headers = {}) => ({ status, body: { ...PROBLEM, status }, headers });

function scripted(...script: Scripted[]) {
  const requests: { url: string; init: Parameters<FetchLike>[1] }[] = [];
  const waits: number[] = [];
  const fetch: FetchLike = async (url, init) => {
    const next = script[Math.min(requests.length, script.length - 1)]!;
    requests.push({ url, init });
    if (next instanceof Error) throw next;
    if (next === 'silence') return untilAborted(init.signal);
    const { status, body, headers = {} } = next;
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    const answer = new Headers(headers);
    return { status, headers: answer, text: async () => text };
  };
  const api = createTransport({
    credential: 'cln_test_x',
    baseUrl: 'https://api.test/carillon',
    fetch,
    timeoutMs: 1_000,
    retries: 3,
    wait: async (ms) => void waits.push(ms),
    random: () => 0,
  });
  return { api, requests, waits };
}

function untilAborted(signal: AbortSignal): Promise<AnswerLike> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the operation was aborted')));
  });
}

const SEND = { body: { to: { email: 'ada@example.test' }, idempotency_key: 'k' } };
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it was to fail'),
    (error) => error,
  );

describe('a request', () => {
  test('is sent to its URL with key, parameters, query and body', async () => {
    const { api, requests } = scripted({ status: 200, body: {} });
    await api.call('getTemplate', { path: { key: 'a/b c' }, query: { version: 2 } });
    await api.call('listTemplates', { query: { limit: undefined } });
    await api.call('sendNotification', SEND);
    expect(requests.map(({ url }) => url)).toEqual([
      'https://api.test/carillon/v1/templates/a%2Fb%20c?version=2',
      'https://api.test/carillon/v1/templates',
      'https://api.test/carillon/v1/notifications',
    ]);
    const { method, headers, body, redirect } = requests[2]!.init;
    expect({ method, body, redirect }).toEqual({
      method: 'POST',
      body: JSON.stringify(SEND.body),
      redirect: 'manual',
    });
    expect(headers).toMatchObject({
      authorization: 'Bearer cln_test_x',
      'content-type': 'application/json',
    });
    expect(requests[0]!.init.headers).not.toHaveProperty('content-type');
  });

  test.each(['', '.', '..'])('cannot change its path: the id %o is refused', async (id) => {
    const { api, requests } = scripted({ status: 204 });
    const error = await failure(api.call('eraseRecipient', { path: { recipient_id: id } }));
    expect(error).toBeInstanceOf(TypeError);
    expect(requests).toEqual([]);
  });
});

describe('a refusal', () => {
  test('is an error with the fields of the problem, and is not repeated', async () => {
    const { api, requests } = scripted(problem(422));
    const error = await failure(api.call('sendNotification', SEND));
    expect(error).toMatchObject({
      name: 'CarillonError',
      code: 'invalid_request',
      status: 422,
      detail: PROBLEM.detail,
      errors: PROBLEM.errors,
      requestId: 'req-1',
      tries: 1,
    });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['a page of a proxy', { status: 404, body: '<html>not here</html>' }],
    ['JSON that is no problem', { status: 400, body: { error: 'x' } }],
    ['a page with 200', { status: 200, body: '<html>log in</html>' }],
    ['JSON cut short', { status: 202, body: '{"id": "abc' }],
  ] as const)('that does not come from the API is distinguished: %s', async (_, answer) => {
    const { api, requests } = scripted(answer);
    const error = await failure(api.call('sendNotification', SEND));
    expect(error).toMatchObject({ code: 'unexpected_answer', status: answer.status });
    expect(requests).toHaveLength(1);
  });

  test('a redirect is not followed, because a POST would turn into a GET: it names where to', async () => {
    const { api } = scripted({ status: 301, headers: { location: 'https://new.test/v1/notifications' } });
    const error = await failure(api.call('sendNotification', SEND));
    expect(error.code).toBe('unexpected_answer');
    expect(error.detail).toContain('https://new.test/v1/notifications');
  });
});

describe('a transient failure', () => {
  const OK = { status: 202, body: { id: 'abc' } };

  test.each([
    ['no connection', new TypeError('fetch failed')],
    ['429', problem(429)],
    ['500', problem(500)],
    ['a bad gateway without a problem', { status: 502, body: '<html>' }],
    ['503', problem(503)],
  ] as const)('is repeated, byte for byte: %s', async (_, fault) => {
    const { api, requests, waits } = scripted(fault, fault, OK);
    expect(await api.call('sendNotification', SEND)).toEqual(OK.body);
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ init }) => init.body)).size).toBe(1);
    expect(waits).toEqual([125, 250]);
  });

  test('is given up after the last retry, with the number of tries', async () => {
    const { api, requests } = scripted(problem(503));
    expect(await failure(api.call('sendNotification', SEND))).toMatchObject({
      code: 'invalid_request',
      tries: 4,
    });
    expect(requests).toHaveLength(4);
  });

  test('a call may ask for fewer tries', async () => {
    const { api, requests } = scripted(problem(503));
    await failure(api.call('sendNotification', SEND, { retries: 0 }));
    expect(requests).toHaveLength(1);
  });

  test('Retry-After is obeyed, in seconds and as a date', async () => {
    const inFiftySeconds = new Date(Date.now() + 50_000).toUTCString();
    const { api, waits } = scripted(
      problem(429, { 'retry-after': '7' }),
      problem(503, { 'retry-after': inFiftySeconds }),
      OK,
    );
    await api.call('sendNotification', SEND);
    expect(waits[0]).toBe(7125);
    expect(waits[1]).toBeGreaterThan(30_000);
    expect(waits[1]).toBeLessThanOrEqual(50_250);
  });

  test('an unreachable server is reported with its address and the reason', async () => {
    const { api } = scripted(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }));
    const error = await failure(api.call('getNotification', { path: { id: 'x' } }));
    expect(error).toMatchObject({ code: 'unreachable', status: null, tries: 4 });
    expect(error.detail).toBe('https://api.test cannot be reached: fetch failed, ECONNREFUSED.');
  });
});

describe('a DELETE whose answer was lost', () => {
  test('has succeeded when the repeat finds nothing', async () => {
    const { api } = scripted(new TypeError('socket hang up'), problem(404));
    expect(await api.call('eraseRecipient', { path: { recipient_id: 'u' } })).toBeUndefined();
  });

  test('is a 404 when the first try certainly did nothing', async () => {
    const { api } = scripted(problem(429), problem(404));
    expect((await failure(api.call('eraseRecipient', { path: { recipient_id: 'u' } }))).status).toBe(404);
  });
});

describe('time and abort', () => {
  test('a silent server times out, and is tried again', async () => {
    const { api, requests } = scripted('silence', { status: 200, body: { id: 'x' } });
    expect(await api.call('getNotification', { path: { id: 'x' } }, { timeoutMs: 1 })).toEqual({ id: 'x' });
    expect(requests).toHaveLength(2);
    const last = scripted('silence');
    const error = await failure(
      last.api.call('getNotification', { path: { id: 'x' } }, { timeoutMs: 1, retries: 0 }),
    );
    expect(error).toMatchObject({ code: 'timed_out', status: null });
  });

  test('an abort rejects with the reason of the caller, and nothing is tried again', async () => {
    const { api, requests } = scripted('silence');
    const controller = new AbortController();
    const call = api.call('sendNotification', SEND, { signal: controller.signal, retries: 0 });
    controller.abort(new Error('the user left'));
    expect((await failure(call)).message).toBe('the user left');
    expect(requests).toHaveLength(1);
    expect((await failure(api.call('sendNotification', SEND, { signal: controller.signal }))).message).toBe(
      'the user left',
    );
    expect(requests).toHaveLength(1);
  });

  test('a wait ends with the abort', async () => {
    const controller = new AbortController();
    const waiting = wait(60_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(wait(60_000, controller.signal)).rejects.toThrow('enough');
  });
});

test.each([
  ['timeoutMs', 0],
  ['timeoutMs', Number.NaN],
  ['timeoutMs', Number.POSITIVE_INFINITY],
  ['timeoutMs', 3e9],
  ['timeoutMs', '5'],
  ['timeoutMs', null],
  ['retries', Number.NaN],
  ['retries', Number.POSITIVE_INFINITY],
  ['retries', -1],
  ['retries', 1.5],
  ['signal', {}],
])('an invalid option of a call is refused before anything is sent: %s %s', async (name, value) => {
  const { api, requests } = scripted({ status: 200, body: {} });
  const options = { [name]: value } as never;
  await expect(api.call('sendNotification', SEND, options)).rejects.toThrow(TypeError);
  await expect(api.call('sendNotification', SEND, options)).rejects.toThrow(name);
  await expect(sendBatch(api, [SEND.body], options)).rejects.toThrow(name);
  expect(requests).toEqual([]);
});

test('any number of calls share one signal: it has one listener, and aborts them all', async () => {
  const { api, requests } = scripted('silence');
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 50 }, () => api.call('sendNotification', SEND, { signal, retries: 0 }));
  await Promise.resolve();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  controller.abort(new Error('enough'));
  const ends = await Promise.allSettled(calls);
  expect(ends.every((end) => end.status === 'rejected' && end.reason.message === 'enough')).toBe(true);
  expect(requests).toHaveLength(50);
  await expect(api.call('sendNotification', SEND, { signal })).rejects.toThrow('enough');
});

describe('a change that starts from an answer', () => {
  test('names its tag, and a conflict carries what is there now', async () => {
    const { api, requests } = scripted(
      { status: 200, body: { key: 'a' }, headers: { etag: '"1"' } },
      { status: 409, body: { ...PROBLEM, code: 'conflict', status: 409, current: { key: 'b' } } },
    );
    const read = await api.tagged('getTemplate', { path: { key: 'a' }, query: {} });
    expect(read).toEqual({ key: 'a', etag: '"1"' });
    const body = { channels: { sms: { en: { text: 'x' } } } };
    const error = await failure(
      api.call('putTemplate', { path: { key: 'a' }, body }, { ifMatch: read.etag }),
    );
    expect(error).toMatchObject({ code: 'conflict', current: { key: 'b' } });
    expect(requests[1]!.init.headers['if-match']).toBe('"1"');
  });

  test('is not made with a tag that is none', async () => {
    const { api, requests } = scripted({ status: 200 });
    for (const ifMatch of ['', 'abc', '"a"\r\nx: "y"'])
      await expect(api.call('listApps', { query: {} }, { ifMatch })).rejects.toThrow(/ifMatch is/);
    expect(requests).toEqual([]);
  });
});
