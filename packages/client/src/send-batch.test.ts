import { expect, test } from 'vitest';
import type { BatchResult, Problem, SendRequest } from './api-types.ts';
import { Carillon } from './carillon.ts';

/** An API that answers each batch with a function of its items, which may also throw or return a whole answer. */
function carillonWith(
  answer: (items: SendRequest[], request: number) => (BatchResult | Problem)[] | Response,
) {
  const batches: SendRequest[][] = [];
  const carillon = new Carillon({
    apiKey: 'k',
    baseUrl: 'https://api.test',
    retries: 1,
    fetch: async (_, { body }) => {
      const { notifications } = JSON.parse(body!) as { notifications: SendRequest[] };
      batches.push(notifications);
      expect(body!.length).toBeLessThanOrEqual(5 * 1024 * 1024);
      const results = answer(notifications, batches.length);
      if (results instanceof Response) return results;
      const withIndex = results.map((result, index) =>
        'code' in result ? { index, status: result.status, error: result } : { ...result, index },
      );
      return new Response(JSON.stringify({ results: withIndex }), { status: 207 });
    },
  });
  return { carillon, batches };
}

const item = (n: number, more: object = {}): SendRequest => ({
  to: { email: `ok+${n}@example.test` },
  channel: 'email',
  idempotency_key: `key-${n}`,
  ...more,
});
const stored = ({ idempotency_key }: SendRequest, replayed = false): BatchResult => ({
  index: -1,
  status: 202,
  id: `id of ${idempotency_key}`,
  notification_id: `id of ${idempotency_key}`,
  state: 'pending',
  idempotency_key: idempotency_key!,
  created_at: '2026-11-21T10:00:00.000Z',
  replayed,
});
const problem = (status: number, code: Problem['code']): Problem => ({
  type: 't',
  title: 't',
  status,
  code,
  detail: `it is ${code}`,
  request_id: 'r',
});
const refusal = (status: number, code: Problem['code']) =>
  new Response(JSON.stringify(problem(status, code)), { status });
const outcomes = (items: { outcome: string }[]) => items.map(({ outcome }) => outcome);

test('more than 1000 are sent in requests of at most 1000, and every item is reported at its index', async () => {
  const { carillon, batches } = carillonWith((items) => items.map((each) => stored(each)));
  const given = Array.from({ length: 2_500 }, (_, n) => item(n));
  const { items, counts, again } = await carillon.notifications.sendBatch(given);
  expect(batches.map((batch) => batch.length)).toEqual([1000, 1000, 500]);
  expect(items.map(({ index, idempotencyKey }) => [index, idempotencyKey])).toEqual(
    given.map(({ idempotency_key }, index) => [index, idempotency_key]),
  );
  expect(counts).toEqual({ accepted: 2_500, replayed: 0, refused: 0, unknown: 0, unsent: 0 });
  expect(again).toEqual([]);
});

test('a request stays under 5 MiB of bytes, not of characters', async () => {
  const { carillon, batches } = carillonWith((items) => items.map((each) => stored(each)));
  // 3 bytes each: two such items make 4.8 MB, three would be 7.2.
  const given = [1, 2, 3].map((n) => item(n, { content: { subject: 's', text: '€'.repeat(800_000) } }));
  await carillon.notifications.sendBatch(given);
  expect(batches.map((batch) => batch.length)).toEqual([2, 1]);
});

test('accepted, replayed and refused are distinguished, and a refusal has its reason', async () => {
  const { carillon } = carillonWith(([a, b]) => [
    stored(a!),
    stored(b!, true),
    problem(422, 'no_contact_point'),
  ]);
  const { items, again } = await carillon.notifications.sendBatch([item(1), item(2), item(3)]);
  expect(outcomes(items)).toEqual(['accepted', 'replayed', 'refused']);
  expect(items[2]).toMatchObject({
    idempotencyKey: 'key-3',
    error: { code: 'no_contact_point', status: 422 },
  });
  expect(again).toEqual([]);
});

test('items without a key get one, and keep it when their request is repeated', async () => {
  const { carillon, batches } = carillonWith((items, request) =>
    request === 1 ? refusal(503, 'unavailable') : items.map((each) => stored(each, true)),
  );
  const { idempotency_key: _, ...keyless } = item(1);
  const { items } = await carillon.notifications.sendBatch([keyless]);
  expect(batches).toHaveLength(2);
  expect(batches[0]![0]!.idempotency_key).toMatch(/^auto_/);
  expect(batches[1]).toEqual(batches[0]);
  expect(items[0]!.idempotencyKey).toBe(batches[0]![0]!.idempotency_key);
});

test('an item with an event_id gets its key from the server', async () => {
  const { carillon, batches } = carillonWith((items) => items.map((each) => stored(each)));
  const { idempotency_key: _, ...keyless } = item(1, { event_id: 'order-17' });
  await carillon.notifications.sendBatch([keyless]);
  expect(batches[0]![0]).toEqual(keyless);
});

test('single items that the server could not store are sent again separately', async () => {
  const { carillon, batches } = carillonWith((items, request) =>
    items.map((each) =>
      request === 1 && each.idempotency_key === 'key-2' ? problem(503, 'unavailable') : stored(each),
    ),
  );
  const { items } = await carillon.notifications.sendBatch([item(1), item(2), item(3)]);
  expect(batches.map((batch) => batch.map((each) => each.idempotency_key))).toEqual([
    ['key-1', 'key-2', 'key-3'],
    ['key-2'],
  ]);
  expect(outcomes(items)).toEqual(['accepted', 'accepted', 'accepted']);
});

test('items without a valid answer are unknown, the rest is not tried, and both can be sent again with their keys', async () => {
  const { carillon, batches } = carillonWith((items, request) =>
    request <= 1 ? items.map((each) => stored(each)) : refusal(503, 'unavailable'),
  );
  const given = Array.from({ length: 3_000 }, (_, n) => item(n));
  const { counts, again, items } = await carillon.notifications.sendBatch(given);
  expect(counts).toEqual({ accepted: 1000, replayed: 0, refused: 0, unknown: 1000, unsent: 1000 });
  expect(batches).toHaveLength(3);
  expect(again).toEqual(given.slice(1000));
  expect(items[1500]).toMatchObject({ outcome: 'unknown', error: { code: 'unavailable', tries: 2 } });
});

test.each([
  [401, 'unauthenticated', 1],
  [403, 'forbidden', 1],
] as const)('%i affects all items: nothing more is tried', async (status, code, requests) => {
  const { carillon, batches } = carillonWith(() => refusal(status, code));
  const { counts } = await carillon.notifications.sendBatch(Array.from({ length: 1_500 }, (_, n) => item(n)));
  expect(batches).toHaveLength(requests);
  expect(counts).toMatchObject({ refused: 1000, unsent: 500 });
});

test('one item that is too large is refused individually; those after it are sent', async () => {
  const { carillon } = carillonWith((items) =>
    items[0]!.content ? refusal(413, 'too_large') : items.map((each) => stored(each)),
  );
  const huge = item(1, { content: { subject: 's', text: 'x'.repeat(5 * 1024 * 1024 - 200) } });
  const { items } = await carillon.notifications.sendBatch([item(0), huge, item(2)]);
  expect(outcomes(items)).toEqual(['accepted', 'refused', 'accepted']);
});

test('a proxy page is not an answer of the API: its items are unsent, not refused', async () => {
  const { carillon } = carillonWith(
    () => new Response('<html>Request Entity Too Large</html>', { status: 413 }),
  );
  const { items } = await carillon.notifications.sendBatch([item(1)]);
  expect(items[0]).toMatchObject({ outcome: 'unsent', error: { code: 'unexpected_answer', status: 413 } });
});

test('an answer with another number of results settles nothing', async () => {
  const { carillon } = carillonWith(([a]) => [stored(a!)]);
  const { counts } = await carillon.notifications.sendBatch([item(1), item(2)]);
  expect(counts).toMatchObject({ accepted: 0, unknown: 2 });
});

test('an abort still returns a report', async () => {
  const controller = new AbortController();
  const { carillon } = carillonWith((items, request) => {
    if (request === 2) {
      controller.abort(new Error('shutting down'));
      throw controller.signal.reason;
    }
    return items.map((each) => stored(each));
  });
  const given = Array.from({ length: 3_000 }, (_, n) => item(n));
  const { counts } = await carillon.notifications.sendBatch(given, { signal: controller.signal });
  expect(counts).toEqual({ accepted: 1000, replayed: 0, refused: 0, unknown: 1000, unsent: 1000 });
});

test('an empty input gives an empty report', async () => {
  const { carillon, batches } = carillonWith(() => []);
  expect((await carillon.notifications.sendBatch([])).items).toEqual([]);
  expect(batches).toEqual([]);
});

test('an item that JSON cannot serialize is refused individually, and all others are sent and reported with their keys', async () => {
  const { carillon, batches } = carillonWith((items) => items.map((each) => stored(each)));
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const wrong: unknown[] = [
    item(0, { data: { n: 10n } }),
    item(0, { data: circle }),
    item(0, { data: { n: Number.NaN } }),
    null,
    undefined,
    'text',
    [],
    () => {},
    { ...item(0), toJSON: () => undefined },
    {
      toJSON() {
        throw new Error('no');
      },
    },
    {
      get idempotency_key() {
        throw new Error('no key');
      },
    },
  ];
  const given = [
    ...Array.from({ length: 1_200 }, () => ({ to: { email: 'ok@example.test' } })),
    ...wrong,
    item(7),
  ] as SendRequest[];
  const { items, counts, again } = await carillon.notifications.sendBatch(given);
  expect(counts).toMatchObject({ accepted: 1_201, refused: wrong.length });
  expect(batches.flat()).toHaveLength(1_201);
  expect(items).toHaveLength(given.length);
  expect(again).toEqual([]);
  for (const each of items) {
    if (each.outcome !== 'refused') expect(each.idempotencyKey).toMatch(/^auto_|^key-7$/);
    else {
      expect(each.error).toMatchObject({ code: 'invalid_request', status: null });
      expect(each.error.detail).toContain(`Item ${each.index} was not sent`);
      expect(each.error.detail.length).toBeLessThan(500);
    }
  }
});

test('a request is serialized once: a repeat sends the same bytes, with its key', async () => {
  let read = 0;
  const { carillon, batches } = carillonWith(() => refusal(503, 'unavailable'));
  const moody = {
    toJSON: () => ({ to: { email: `ok+${++read}@example.test` }, channel: 'email' }),
  } as unknown as SendRequest;
  const { again, items } = await carillon.notifications.sendBatch([moody], { retries: 0 });
  expect(read).toBe(1);
  expect(batches.flat()).toEqual(again);
  expect(again[0]!.idempotency_key).toBe(items[0]!.idempotencyKey);
});
