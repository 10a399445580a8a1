import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliUnderTest, cliUnderTest } from '../../../../test/support/cli-under-test.ts';

let cli: CliUnderTest;

beforeAll(async () => {
  cli = await cliUnderTest();
});
afterAll(() => cli.close());

test('a sent notification is found by its address in any spelling, and its content can be read', async () => {
  const id = await cli.sent();
  const found = await cli.run(['find', 'OK@Example.Test']);
  expect(found.code).toBe(0);
  expect(found.out).toHaveLength(1);
  expect(found.out[0]).toContain(id);
  expect((await cli.run(['find', 'nobody@example.test'])).out).toEqual([]);

  const read = await cli.run(['content', id]);
  expect(read.code).toBe(0);
  expect(read.out).toContain('  Subject: Hello');
  expect(read.out).toContain('It works');
  expect(JSON.parse((await cli.run(['content', id, '--json'])).out[0]!)).toMatchObject({
    id,
    unavailable: null,
  });
});

test('content needs a key with its scope', async () => {
  const id = await cli.sent();
  const reader = await cli.api.key({ environment: 'test', scopes: ['notifications:read'] });
  const { code, err } = await cli.run(['content', id], null, { CARILLON_API_KEY: reader });
  expect(code).toBe(1);
  expect(err.join('\n')).toContain('content:read');
});
