import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
// biome-ignore lint/suspicious/noExplicitAny: the document is inspected without a type
let document: any;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, {
    env: { ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}` },
  });
  document = (await api.request('GET', '/openapi.json', undefined, { key: null })).body;
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

interface Body {
  method: string;
  path: string;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  schema: any;
  examples: unknown[];
}

/** Every JSON body with its examples: of the operation, else of its schema. */
function bodies(): Body[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return Object.entries(document.paths as Record<string, any>).flatMap(([path, item]) =>
    // biome-ignore lint/suspicious/noExplicitAny: as above
    Object.entries(item as Record<string, any>).flatMap(([method, operation]) => {
      const json = operation.requestBody?.content?.['application/json'];
      if (!json) return [];
      const name = json.schema.$ref?.split('/').at(-1);
      const schema = name ? document.components.schemas[name] : json.schema;
      const own = Object.values((json.examples ?? {}) as Record<string, { value: unknown }>);
      const examples =
        own.length > 0 ? own.map(({ value }) => value) : schema.example ? [schema.example] : [];
      return [{ method: method.toUpperCase(), path, schema: json.schema, examples }];
    }),
  );
}

test('every request body of the document has an example', () => {
  expect(bodies().length).toBeGreaterThan(30);
  expect(
    bodies()
      .filter(({ examples }) => examples.length === 0)
      .map(({ method, path }) => `${method} ${path}`),
  ).toEqual([]);
});

test('every example is what its schema describes', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: true });
  addFormats.default(ajv);
  ajv.addFormat('E.164', /^\+[1-9]\d{6,14}$/);
  ajv.addSchema({ $id: 'doc', components: document.components });
  for (const { method, path, schema, examples } of bodies()) {
    const resolved = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc#/components'));
    const validate = ajv.compile(resolved);
    for (const example of examples) {
      const isValid = validate(example);
      expect(
        isValid,
        `${method} ${path} ${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`,
      ).toBe(true);
    }
  }
});

test('every example is a body that the API takes', async () => {
  const key = await api.key({ scopes: ['admin', 'installation'] });
  await api.request('PUT', '/v1/recipients/user_42', { email: 'ada@example.com', phone: '+14155550100' });
  const token = await api.recipientToken('user_42');
  for (const { method, path, examples } of bodies()) {
    const bearer = /^\/v1\/(inbox|my)\b/.test(path) ? token : key;
    const id = path.startsWith('/v1/api-keys/') ? '0123456789ab' : api.appId;
    const at = path
      .replace('{id}', id)
      .replace('{contact_point_id}', api.appId)
      .replace('{channel}', 'email')
      .replace('{address_hash}', '0'.repeat(64))
      .replaceAll(/\{\w+\}/g, 'example');
    for (const example of examples) {
      const { status, body } = await api.request(method, at, example, { key: bearer });
      // Not there, in another state, a template that does not exist: the body was read before.
      const isRead = status !== 400 && body?.code !== 'invalid_request';
      expect(isRead, `${method} ${path} ${JSON.stringify(example)}: ${status} ${body?.detail}`).toBe(true);
    }
  }
});
