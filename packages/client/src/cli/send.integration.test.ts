import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliUnderTest, cliUnderTest, HELLO } from '../../../../test/support/cli-under-test.ts';

let cli: CliUnderTest;

beforeAll(async () => {
  cli = await cliUnderTest();
});
afterAll(() => cli.close());

test('takes options, and prints the id and the key', async () => {
  const { code, out } = await cli.run(['send', ...HELLO, '--key', 'by-options']);
  expect(code).toBe(0);
  expect(out[0]).toMatch(/^accepted {2}[0-9a-f-]{36} {2}pending {2}key by-options$/);
  expect((await cli.run(['send', ...HELLO, '--key', 'by-options'])).out[0]).toMatch(/^accepted before/);
});

test('puts every option in its field of the request', async () => {
  await cli.run(
    ['import', '-'],
    '{"recipient_id": "u1", "email": "ok@example.test", "phone": "+14155552671"}',
  );
  const options = [
    ...['--recipient', 'u1', '--route', 'sms, email', '--priority', 'bulk', '--category', 'orders'],
    ...['--subject', 'S', '--text', 'T', '--html', '<p>H</p>', '--metadata', 'a=1', '--metadata', 'b=x=y'],
    ...['--send-at', '2030-01-01T00:00:00Z', '--ttl', '60', '--ordering-key', 'o', '--event-id', 'e-1'],
  ];
  const { out, err } = await cli.run(['send', ...options, '--json']);
  expect(err).toEqual([]);
  const { id } = JSON.parse(out[0]!) as { id: string };
  expect(JSON.parse((await cli.run(['status', id, '--json'])).out[0]!)).toMatchObject({
    to: { recipient_id: 'u1' },
    route: ['sms', 'email'],
    priority: 'bulk',
    category: 'orders',
    metadata: { a: '1', b: 'x=y' },
    send_at: '2030-01-01T00:00:00.000Z',
    expires_at: '2030-01-01T00:01:00.000Z',
    ordering_key: 'o',
    event_id: 'e-1',
    status: 'scheduled',
  });
});

test('reads JSON from stdin, and options override it', async () => {
  const request = {
    to: { email: 'ok@example.test' },
    channel: 'email',
    content: { subject: 'S', text: 'T' },
  };
  expect((await cli.run(['send'], JSON.stringify(request))).code).toBe(0);
  const { out } = await cli.run(
    ['send', '-', '--category', 'c', '--subject', 'Other', '--json'],
    JSON.stringify(request),
  );
  const { id } = JSON.parse(out[0]!) as { id: string };
  const [row] = await cli.api.db.sql`select category, content from notifications where id = ${id}`;
  expect(row).toEqual({ category: 'c', content: { subject: 'Other', text: 'T' } });
});

test('a refusal names each field and ends with 1', async () => {
  const { code, err } = await cli.run([
    'send',
    '--email',
    'nobody',
    '--channel',
    'pigeon',
    '--subject',
    'S',
    '--text',
    'T',
  ]);
  expect(code).toBe(1);
  expect(err.join('\n')).toMatch(/invalid_request: .*nobody[\s\S]* {2}channel: .*pigeon[\s\S]* {2}request /);
});

test('a refusal is JSON for programs', async () => {
  const { code, out } = await cli.run(['send', '--email', 'nobody', '--channel', 'email', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(out[0]!)).toMatchObject({ error: { code: 'invalid_request', status: 422 } });
});

test.each([
  [['send'], null, /there is nothing to send/],
  [['send', 'hello'], null, /"hello" is not understood/],
  [['send', '--emial', 'x'], null, /--emial/],
  [['send', '-'], 'not json', /stdin is not JSON/],
  [['send', '-'], '[]', /not one JSON object/],
  [['send', '--var', 'name'], null, /--var "name" is not name=value/],
])('what makes no sense does nothing and ends with 2: %j', async (line, stdin, words) => {
  const { code, err } = await cli.run(line, stdin);
  expect(code).toBe(2);
  expect(err[0]).toMatch(words);
  expect(err[1]).toContain('carillon send --help');
});

test('an unknown key and an unreachable server are reported with what to check', async () => {
  const unknown = await cli.run(['send', ...HELLO], null, { CARILLON_API_KEY: 'cln_test_nobody' });
  expect(unknown.code).toBe(1);
  expect(unknown.err.join('\n')).toMatch(/unauthenticated[\s\S]*CARILLON_API_KEY/);
  const away = await cli.run(['send', ...HELLO, '--key', 'k7'], null, { CARILLON_URL: 'http://127.0.0.1:1' });
  expect(away.code).toBe(3);
  expect(away.err.join('\n')).toMatch(/unreachable[\s\S]*npm start[\s\S]*--key k7 and it cannot double/);
});
