import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { describedAnswers } from '../../../../test/support/described.ts';

/** Requests of a run, and their seed; a longer run is `FUZZ_RUNS=50000 FUZZ_SEED=... npm test -- openapi/fuzz`. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 600);
const SEED = Number(process.env.FUZZ_SEED ?? 12);

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  format?: string;
}
interface Operation {
  parameters?: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, unknown>;
}
interface Target {
  method: string;
  path: string;
  operation: Operation;
}

let database: TestDatabase;
let api: ApiUnderTest;
let targets: Target[];
let schemas: Record<string, Schema>;
let wrongWith: ReturnType<typeof describedAnswers>;
/** Existing objects, so that requests find something. */
let ids: string[];
/** A key without scopes, and an invalid key. */
let weakKeys: string[];

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  const { body } = await api.request('GET', '/openapi.json');
  schemas = body.components.schemas;
  wrongWith = describedAnswers(body);
  ids = await seed();
  weakKeys = [await api.key({ scopes: [] }), 'cln_live_none'];
  targets = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
    Object.entries(item)
      // Calls a provider over the network; answers as long as it is open.
      .filter(() => !path.endsWith('/verify') && !path.endsWith('/inbox/stream'))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** One of each thing that has an id. */
async function seed(): Promise<string[]> {
  const made = async (
    method: string,
    path: string,
    body: unknown,
  ): Promise<{ id?: string; status: unknown }> => {
    const answer = await api.request(method, path, body);
    expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  };
  const content = { subject: 'Hello {{ name }}', text: 'Hello {{ name }}' };
  await made('PUT', '/v1/templates/a', { channels: { email: { en: content } } });
  await made('PUT', '/v1/recipients/a', { email: 'a@example.com', phone: '+14155552671', locale: 'en' });
  await made('POST', '/v1/recipients/a/devices', { fcm_token: 'token' });
  await made('PUT', '/v1/recipients/a/preferences', {
    channels: { sms: false },
    caps: [{ max: 1, window_seconds: 60 }],
  });
  await made('PUT', '/v1/categories/a', { delivery_policy: 'ask' });
  await made('POST', '/v1/suppressions', { channel: 'email', address: 'b@example.com', reason: 'manual' });
  const account = {
    provider: 'resend',
    environments: ['live'],
    from: 'a@example.com',
    credentials: { api_key: 're_1' },
  };
  await made('PUT', '/v1/provider-accounts/a', account);
  const { id: endpoint } = await made('POST', '/v1/webhook-endpoints', { url: 'https://example.com/' });
  const sent = await made('POST', '/v1/notifications', {
    to: { recipient_id: 'a' },
    channel: 'email',
    template: 'a',
    data: { name: 'Ada' },
    send_at: '2098-01-01T00:00:00Z',
    metadata: { order: '1' },
  });
  return [sent.id!, endpoint!];
}

const JUNK: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  null,
  true,
  -1,
  0.5,
  1e300,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '*',
  'x'.repeat(70_000),
  [],
  [[]],
  {},
  { constructor: 1 },
  '0001-01-01T00:00:00Z',
  '{{ x',
  "'; --",
);
const WORDS: Readonly<Record<string, string[]>> = {
  email: ['a@example.com'],
  'E.164': ['+14155552671'],
  'date-time': ['2098-01-01T00:00:00Z'],
  uuid: ['0b9d5cd8-5f0c-8f6e-9a55-3c7d0a9d1c11'],
  uri: ['https://example.com/'],
};

/** Values as a schema describes them, one in ten of them junk. */
function valuesOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(schemas[schema.$ref.split('/').at(-1)!]!, depth);
  const sound = soundValues(schema, depth);
  return fc.oneof({ weight: 12, arbitrary: sound }, { weight: 1, arbitrary: JUNK });
}

function soundValues(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => valuesOf(each, depth)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (depth > 6) return fc.constant(null);
  switch (type) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {}).map(([name, of]) => [
        name,
        valuesOf(of, depth + 1),
      ]);
      return fc.record(Object.fromEntries(properties) as Record<string, fc.Arbitrary<unknown>>, {
        requiredKeys: schema.required ?? [],
      });
    }
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, depth + 1), { maxLength: 3 });
    case 'integer':
      return fc.integer({ min: 1, max: 100 });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return fc.constantFrom(...(WORDS[schema.format ?? ''] ?? ['a', 'email', 'en', 'Ada <a@example.com>']));
    default:
      return JUNK;
  }
}

const encodedTexts = fc.constantFrom(
  'a',
  'en',
  '1',
  WORDS.uuid![0]!,
  '%00',
  '%ff',
  '%F0%9F%98%80',
  'x'.repeat(300),
);

/** A request to an operation, sometimes with a body that is no valid JSON value. */
function requestTo({ path, operation }: Target) {
  const names = (operation.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => name);
  const schema = operation.requestBody?.content['application/json']?.schema;
  const text = schema
    ? fc.oneof(
        { weight: 12, arbitrary: valuesOf(schema).map((value) => JSON.stringify(value)) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '{',
            '{"a":1e999}',
            '{"a":1,"a":1}',
            '{"__proto__":1}',
            '[1]',
            '""',
            'null',
          ),
        },
      )
    : fc.constant(undefined);
  return fc.record({
    steps: fc.array(fc.oneof(fc.constantFrom('a', ...ids), encodedTexts), { minLength: 3, maxLength: 3 }),
    query: fc.array(fc.tuple(fc.constantFrom(...names, 'other'), encodedTexts), { maxLength: 2 }),
    text,
    path: fc.constant(path),
    // Undefined is the default key, an admin's.
    key: fc.oneof(
      { weight: 20, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...weakKeys) },
    ),
  });
}

test('every answer to a generated or mutated request is described, no 5xx, and every error is a problem document', async () => {
  const given = fc
    .integer({ min: 0, max: targets.length - 1 })
    .chain((index) => requestTo(targets[index]!).map((request) => ({ target: targets[index]!, request })));
  await fc.assert(
    fc.asyncProperty(given, async ({ target, request }) => {
      let step = 0;
      const where = target.path.replaceAll(/\{\w+\}/g, () => request.steps[step++ % 3]!);
      const query = request.query.map((pair) => pair.join('=')).join('&');
      const answer = await api.request(
        target.method,
        query === '' ? where : `${where}?${query}`,
        request.text,
        request.key === undefined ? {} : { key: request.key },
      );
      const what = `${target.method} ${target.path} -> ${answer.status} ${JSON.stringify(answer.body)?.slice(0, 300)}`;
      expect(answer.status, what).toBeLessThan(500);
      expect(wrongWith(target, answer), what).toBeNull();
      expect(answer.headers.get('x-request-id'), what).toBeTruthy();
      if (answer.status >= 400) {
        expect(answer.headers.get('content-type'), what).toBe('application/problem+json');
        expect(answer.body, what).toMatchObject({ status: answer.status, code: expect.any(String) });
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(api.logged).toEqual([]);
}, 120_000);

test('the answers to a key without scopes and to an unknown key are described for every route', async () => {
  for (const target of targets) {
    const path = target.path.replaceAll(/\{\w+\}/g, 'a');
    for (const key of weakKeys) {
      const answer = await api.request(target.method, path, undefined, { key });
      expect(wrongWith(target, answer), `${target.method} ${path} -> ${answer.status}`).toBeNull();
    }
  }
});
