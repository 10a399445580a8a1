import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../support/api.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { expectGolden } from '../support/golden.ts';
import { BAD_REQUESTS } from './bad-bodies.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;
/** For the routes of recipients. */
let token: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  key = await api.key({ scopes: ['admin', 'installation'] });
  const content = { subject: 'Hello {{ name }}', text: 'Order {{ order.id }}' };
  const template = await api.request('PUT', '/v1/templates/needs', { channels: { email: { en: content } } });
  const recipient = await api.request('PUT', '/v1/recipients/ada', { email: 'ada@example.com' });
  expect([template.status, recipient.status]).toEqual([201, 201]);
  token = await api.recipientToken('ada');
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Long bodies would hide the answers. */
const shortened = (body: unknown): unknown => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.length > 300 ? `${text.slice(0, 300)}... (${text.length} characters)` : body;
};

test('bad requests are answered with the problems that clients and people know', async () => {
  const made: unknown[] = [];
  for (const [method, path, body, headers] of BAD_REQUESTS) {
    const bearer = /^\/v1\/(inbox|my)\b/.test(path) ? token : key;
    const answer = await api.request(method, path, body, { key: bearer, ...(headers && { headers }) });
    expect(answer.status, `${method} ${path} ${JSON.stringify(body)}`).toBeLessThan(500);
    const said = { ...answer.body };
    delete said.request_id;
    for (const result of said.results ?? []) {
      delete result.error?.request_id;
      if (result.id === undefined) continue;
      // What was accepted is new each time.
      for (const field of ['id', 'notification_id', 'idempotency_key', 'created_at']) delete result[field];
    }
    made.push({
      request: `${method} ${path}`,
      body: shortened(body),
      ...(headers && { headers }),
      answer: said,
    });
  }
  expectGolden('problems.json', made);
});

test('every route that takes a body has a bad one here', async () => {
  const { body } = await api.request('GET', '/openapi.json');
  const described = Object.entries(body.paths as Record<string, Record<string, { requestBody?: unknown }>>)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, operation]) => operation.requestBody)
        .map(([method]) => ({ method: method.toUpperCase(), path })),
    );
  expect(described.length).toBeGreaterThan(25);
  for (const { method, path } of described) {
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    expect(
      BAD_REQUESTS.some((request) => request[0] === method && pattern.test(request[1].split('?')[0]!)),
      `${method} ${path}`,
    ).toBe(true);
  }
});
