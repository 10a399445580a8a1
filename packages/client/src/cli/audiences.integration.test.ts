import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliUnderTest, cliUnderTest } from '../../../../test/support/cli-under-test.ts';

let cli: CliUnderTest;

beforeAll(async () => {
  cli = await cliUnderTest();
});
afterAll(() => cli.close());

test('audiences are saved, counted, filled and listed', async () => {
  const key = await cli.api.key({ environment: 'test' });
  for (const [id, plan] of [
    ['ada', 'pro'],
    ['bob', 'free'],
  ])
    await cli.api.request('PUT', `/v1/recipients/${id}`, { attributes: { plan } }, { key });
  const filter = '{"field": "attributes.plan", "op": "eq", "value": "pro"}';
  expect((await cli.run(['audiences', 'put', 'pro', '--filter', filter])).out).toEqual([
    'pro: saved (filter)',
  ]);
  expect((await cli.run(['audiences', 'put', 'staff', '--list', '--name', 'Our staff'])).code).toBe(0);
  expect((await cli.run(['audiences', 'list'])).out).toEqual(['pro  filter  pro', 'staff  list  Our staff']);
  const added = await cli.run(['audiences', 'add', 'staff', '-'], 'bob\nnobody\n');
  expect(added.out).toEqual(['1 of 2 added, 1 unknown']);
  expect(added.err.join('\n')).toContain('nobody: there is no such recipient');
  expect((await cli.run(['audiences', 'members', 'staff'])).out).toEqual(['bob']);
  expect((await cli.run(['audiences', 'count', 'pro', '--quick'])).out[0]).toBe('about 1');
  expect((await cli.run(['audiences', 'count', '--filter', '{"not": {"audience": "pro"}}'])).out).toEqual([
    '1',
    '  email: 0 reachable (1 no address)',
    '  sms: 0 reachable (1 no address)',
    '  push: 0 reachable (1 no address)',
    '  in_app: 1 reachable',
  ]);
  expect((await cli.run(['audiences', 'remove', 'staff', '-'], 'bob')).out).toEqual([
    '1 of 1 removed, 0 unknown',
  ]);
});

test('wrong arguments are refused with what to give', async () => {
  for (const [args, message] of [
    [['audiences'], 'say what to do: list, put, count'],
    [['audiences', 'put', 'x'], 'give --filter or --list'],
    [['audiences', 'put', 'x', '--filter', '{'], '--filter is not JSON'],
    [['audiences', 'members'], 'give the key of one audience'],
  ] as const) {
    const { code, err } = await cli.run([...args]);
    expect(code).toBe(2);
    expect(err.join('\n')).toContain(message);
  }
});
