import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type ServedApi, servedApi } from '../../../../test/support/served-api.ts';

/** Every path of the API answers every method: as described, or 405 with its methods; and no field is ignored. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];

let database: TestDatabase;
let api: ServedApi;
let key: string;
let paths: [path: string, methods: string[]][];
/** Those with a key that take no body. */
let bodiless: [method: string, path: string][];

beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url, { env: { STRANGER_RATE_PER_SECOND: '100000' } });
  key = await api.key({ ratePerSecond: 100_000 });
  const { body } = await api.request('GET', '/openapi.json');
  const items = Object.entries(
    body.paths as Record<string, Record<string, { security?: unknown[]; requestBody?: unknown }>>,
  );
  paths = items.map(([path, item]) => [path, Object.keys(item).map((method) => method.toUpperCase())]);
  bodiless = items.flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method, { security, requestBody }]) => method !== 'get' && !security && !requestBody)
      .map(([method]): [string, string] => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'a')]),
  );
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

interface Answer {
  status: number;
  allow: string | undefined;
  type: string | undefined;
  body: string;
}

/** Without fetch, which does not support TRACE. */
function ask(method: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'content-length': '0' };
    const asked = request(`${api.url}${path}`, { method, headers }, (response) => {
      response.toArray().then((chunks) => {
        const { 'content-type': type, allow } = response.headers;
        resolve({ status: response.statusCode!, allow, type, body: chunks.join('') });
      }, reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Of every path pattern that matches: `batch` could be an id. */
function methodsOf(path: string): string[] {
  const methods = paths
    .filter(([template]) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path))
    .flatMap(([, each]) => each);
  return methods.includes('GET') ? [...new Set([...methods, 'HEAD'])] : methods;
}

test('a method that a path does not have is answered 405 with its methods', async () => {
  for (const [template] of paths) {
    const path = template.replaceAll(/\{\w+\}/g, 'a');
    const has = methodsOf(path);
    for (const method of METHODS.filter((each) => !has.includes(each))) {
      const answer = await ask(method, path);
      const what = `${method} ${path} -> ${answer.status} ${answer.body.slice(0, 300)}`;
      expect(answer.status, what).toBe(405);
      expect(answer.allow?.split(', ').sort(), what).toEqual(has.toSorted());
      expect(answer.type, what).toBe('application/problem+json');
      if (method !== 'HEAD') expect(JSON.parse(answer.body), what).toMatchObject({ status: 405 });
    }
  }
  expect(api.logged).toEqual([]);
});

test('HEAD is answered as GET is, without a body', async () => {
  for (const [template, methods] of paths) {
    if (!methods.includes('GET')) continue;
    const path = template.replaceAll(/\{\w+\}/g, 'a');
    const [get, head] = [await ask('GET', path), await ask('HEAD', path)];
    expect([head.status, head.type, head.body], path).toEqual([get.status, get.type, '']);
    expect(head.status, path).toBeLessThan(500);
  }
});

test('a path that does not exist is answered 404 to every method', async () => {
  for (const method of METHODS) expect((await ask(method, '/v1/nothing')).status, method).toBe(404);
});

test('a route that takes no body refuses every field in one, and accepts an empty body', async () => {
  expect(new Set(bodiless.map(([method]) => method))).toEqual(new Set(['POST', 'DELETE']));
  for (const [method, path] of bodiless) {
    const what = `${method} ${path}`;
    const refused = await api.request(method, path, { reason: 'changed my mind', note: 1 });
    expect([refused.status, refused.body.errors], what).toEqual([
      422,
      ['reason', 'note'].map((field) => ({ path: field, message: expect.stringContaining('takes no body') })),
    ]);
    for (const other of ['[1]', '"text"', 'null', '3'])
      expect((await api.request(method, path, other)).status, `${what} ${other}`).toBe(422);
    for (const empty of [undefined, {}]) {
      const answer = await api.request(method, path, empty);
      expect(JSON.stringify(answer.body), what).not.toContain('takes no body');
    }
  }
});
