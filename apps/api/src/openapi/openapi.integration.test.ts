import { PROBLEMS } from '@carillon/core/text/problem';
import { EVENT_TYPES } from '@carillon/core/webhook/event';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
// biome-ignore lint/suspicious/noExplicitAny: the document is inspected without a type
let document: any;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  document = (await api.request('GET', '/openapi.json', undefined, { key: null })).body;
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

interface Webhook {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  post: any;
}
// biome-ignore lint/suspicious/noExplicitAny: as above
const operations = (): [string, any][] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as object).map(([method, operation]): [string, unknown] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

describe('/openapi.json', () => {
  test('is OpenAPI 3.1 and needs no key', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({ title: 'Carillon', version: '1' });
    expect(document.servers).toEqual([{ url: 'http://api.test' }]);
  });

  test('describes exactly the routes under /v1 that exist', () => {
    const registered = api.app.routes
      .filter((route) => route.method !== 'ALL' && route.path.startsWith('/v1/'))
      .map((route) => `${route.method} ${route.path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`);
    const described = operations()
      .map(([name]) => name)
      .filter((name) => name.includes(' /v1/'));
    expect(described.sort()).toEqual([...new Set(registered)].sort());
  });

  test('has a unique operationId, a summary, a tag and an answer for each', () => {
    const ids = operations().map(([, operation]) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [name, operation] of operations()) {
      expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags, name).toHaveLength(1);
      expect(
        Object.keys(operation.responses).some((status) => /^[23]/.test(status)),
        name,
      ).toBe(true);
      for (const response of Object.values(operation.responses) as { description?: string }[]) {
        expect(response.description, name).toBeTruthy();
      }
    }
  });

  test('describes every event of the catalogue, including the signed headers', () => {
    expect(Object.keys(document.webhooks).sort()).toEqual(Object.keys(EVENT_TYPES).sort());
    for (const [type, { post }] of Object.entries(document.webhooks) as [string, Webhook][]) {
      const { properties } = post.requestBody.content['application/json'].schema;
      expect(properties.type, type).toMatchObject({ enum: [type] });
      expect(properties.data.type, type).toBe('object');
      expect(post.parameters.map(({ name }: { name: string }) => name)).toContain('webhook-signature');
    }
  });

  test('declares every path parameter', () => {
    for (const [name, operation] of operations()) {
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = (operation.parameters ?? [])
        .filter((parameter: { in: string }) => parameter.in === 'path')
        .map((parameter: { name: string; required: boolean }) => parameter.required && parameter.name);
      expect(declared.sort(), name).toEqual(inPath.sort());
    }
  });

  test('refers only to components that it holds', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      (match) => match[1]!,
    );
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) {
      const target = reference.split('/').reduce((at, step) => at?.[step], document);
      expect(target, reference).toBeDefined();
    }
  });

  test('states that unknown fields are refused and digests are not available', () => {
    const { SendRequest } = document.components.schemas;
    expect(SendRequest.additionalProperties).toBe(false);
    expect(SendRequest.required.sort()).toEqual(['to']);
    expect(SendRequest.properties.digest.description).toContain('422');
    expect(SendRequest.properties.priority).toMatchObject({
      enum: ['critical', 'normal', 'bulk'],
      default: 'normal',
    });
  });

  test('has the security scheme that operations use', () => {
    expect(document.security).toEqual([{ apiKey: [] }]);
    expect(document.components.securitySchemes.apiKey).toMatchObject({ type: 'http', scheme: 'bearer' });
  });
});

describe('/docs', () => {
  test('is served completely from this server, under a policy that allows no other source', async () => {
    const page = await api.request('GET', '/docs', undefined, { key: null });
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/https?:|unsafe-eval/);
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(links.length).toBeGreaterThanOrEqual(4);
    for (const link of links) {
      expect(link).toMatch(/^\/docs\//);
      const asset = await api.request('GET', link, undefined, { key: null });
      expect([link, asset.status]).toEqual([link, 200]);
      expect(asset.headers.get('content-type')).toMatch(/^(text\/css|text\/javascript|image\/png)/);
    }
    expect(page.body).not.toMatch(/<script>|https?:\/\//);
  });

  test('has an anchor for every code that an error\u2019s type may point to', async () => {
    const { body } = await api.request('GET', '/docs/problems', undefined, { key: null });
    for (const code of Object.keys(PROBLEMS)) expect(body).toContain(`id="${code}"`);
  });
});
