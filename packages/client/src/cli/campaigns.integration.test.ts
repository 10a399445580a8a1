import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliUnderTest, cliUnderTest } from '../../../../test/support/cli-under-test.ts';

let cli: CliUnderTest;

beforeAll(async () => {
  cli = await cliUnderTest();
});
afterAll(() => cli.close());

const request = (method: string, path: string, body?: unknown) =>
  cli.api.request(method, path, body, { key: cli.apiKey });

test('a campaign is created, scheduled, paused, resumed, cancelled and followed to its end', async () => {
  await request('PUT', '/v1/recipients/ada', { phone: '+15005550006' });
  await request('PUT', '/v1/templates/sale', { channels: { sms: { en: { text: 'Sale!' } } } });
  const body = { name: 'Sale', template: 'sale', channel: 'sms', audience: { filter: { all: [] } } };
  const created = await cli.run(['campaigns', 'create', '-'], JSON.stringify(body));
  expect(created).toMatchObject({ code: 0, out: [expect.stringMatching(/Sale: draft$/), '  planned 0'] });
  const id = created.out[0]!.split(' ')[0]!;
  const scheduled = await cli.run(['campaigns', 'schedule', id, '--at', inDays(2)]);
  expect(scheduled.out[0]).toMatch(/Sale: scheduled$/);
  expect((await cli.run(['campaigns', 'pause', id, '--reason', 'wait'])).out[0]).toMatch(/Sale: paused$/);
  expect((await cli.run(['campaigns', 'resume', id])).out[0]).toMatch(/Sale: scheduled$/);
  expect((await cli.run(['campaigns', 'list', '--state', 'scheduled'])).out).toEqual([
    `${id}  scheduled  Sale`,
  ]);
  expect((await cli.run(['campaigns', 'recipients', id])).out).toEqual([]);
  expect((await cli.run(['campaigns', 'cancel', id])).out[0]).toMatch(/Sale: cancelled$/);
  const followed = await cli.run(['campaigns', 'status', id, '--follow']);
  expect(followed).toMatchObject({
    code: 1,
    out: [expect.stringMatching(/Sale: cancelled$/), '  planned 0'],
  });
});

test('wrong arguments are refused with what to give', async () => {
  for (const [args, message] of [
    [['campaigns'], 'say what to do: list, create'],
    [['campaigns', 'create'], 'give - and the request'],
    [['campaigns', 'create', '-'], 'the standard input is not JSON'],
    [['campaigns', 'pause'], 'give one id of a campaign'],
    [['campaigns', 'schedule', 'x', '--late', 'never'], '--late is "never"'],
  ] as const) {
    const { code, err } = await cli.run([...args]);
    expect(code).toBe(2);
    expect(err.join('\n')).toContain(message);
  }
});

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
