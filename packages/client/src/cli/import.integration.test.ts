import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliUnderTest, cliUnderTest } from '../../../../test/support/cli-under-test.ts';

let cli: CliUnderTest;

beforeAll(async () => {
  cli = await cliUnderTest();
});
afterAll(() => cli.close());

const file = (name: string, text: string): string => {
  const place = path.join(cli.dir, name);
  writeFileSync(place, text);
  return place;
};
const report = (name: string) =>
  readFileSync(path.join(cli.dir, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number; outcome: string; problem?: string });
const emailOf = async (id: string) => {
  const { body } = await cli.api.request('GET', `/v1/recipients/${id}`, undefined, { key: cli.apiKey });
  return body.contact_points?.[0]?.address;
};

test('stores CSV rows, refuses invalid ones individually, and reports each', async () => {
  const csv = file(
    'people.csv',
    '\ufeffrecipient_id,email,attributes.plan\r\nc1,c1@example.test,"a, b"\r\nc2,nobody,\r\nc3,c3@example.test,\r\nc1,other@example.test,\r\n',
  );
  const { code, out, err } = await cli.run(['import', csv]);
  expect(code).toBe(1);
  expect(out[0]).toBe('2 stored, 2 refused, 0 stored before');
  expect(err.join('\n')).toMatch(/line 3 \(c2\): invalid_request: .*nobody/);
  expect(err.join('\n')).toMatch(/line 5 \(c1\): line 2 is about the same recipient/);
  expect(await emailOf('c1')).toBe('c1@example.test');
  expect(
    report('people.csv.report.ndjson')
      .map(({ line, outcome }) => `${line} ${outcome}`)
      .sort(),
  ).toEqual(['2 stored', '3 refused', '4 stored', '5 refused']);
});

test('a repeated import resumes: stored rows are skipped, corrected and new ones are stored', async () => {
  const row = (id: string, email: string) => `${JSON.stringify({ recipient_id: id, email })}\n`;
  const place = file('people.ndjson', row('n1', 'n1@example.test') + row('n2', 'nobody'));
  expect((await cli.run(['import', place])).code).toBe(1);
  file(
    'people.ndjson',
    row('n1', 'n1@example.test') + row('n2', 'n2@example.test') + row('n3', 'n3@example.test'),
  );
  const again = await cli.run(['import', place, '--json']);
  expect(again.code).toBe(0);
  expect(JSON.parse(again.out[0]!)).toEqual({
    stored: 2,
    refused: 0,
    skipped: 1,
    report: `${place}.report.ndjson`,
  });
  file('people.ndjson', row('n1', 'changed@example.test'));
  expect((await cli.run(['import', place])).out[0]).toBe('1 stored, 0 refused, 0 stored before');
  expect(await emailOf('n1')).toBe('changed@example.test');
});

test('a report that a crash truncated is still valid', async () => {
  const place = file('cut.ndjson', '{"recipient_id": "k1", "email": "k1@example.test"}\n');
  await cli.run(['import', place]);
  const whole = readFileSync(`${place}.report.ndjson`, 'utf8');
  writeFileSync(`${place}.report.ndjson`, `${whole}{"line": 2, "outc`);
  expect((await cli.run(['import', place])).out[0]).toBe('0 stored, 0 refused, 1 stored before');
});

test('reads many rows from stdin, several concurrently', async () => {
  const rows = Array.from(
    { length: 300 },
    (_, n) => `{"recipient_id": "s${n}", "email": "s${n}@example.test"}`,
  );
  const { code, out } = await cli.run(['import', '-', '--concurrency', '20'], rows.join('\n'));
  expect({ code, out }).toEqual({ code: 0, out: ['300 stored, 0 refused, 0 stored before'] });
  expect(await emailOf('s299')).toBe('s299@example.test');
});

test('a failure that affects every row ends it at once and says how to resume', async () => {
  const key = await cli.api.key({ environment: 'test', scopes: ['notifications:read'] });
  const rows = Array.from({ length: 100 }, (_, n) => `{"recipient_id": "f${n}"}\n`).join('');
  const place = file('forbidden.ndjson', rows);
  const { code, err } = await cli.run(['import', place], null, { CARILLON_API_KEY: key });
  expect(code).toBe(1);
  expect(err.join('\n')).toMatch(/The same command goes on[\s\S]*forbidden: /);
  expect(readFileSync(`${place}.report.ndjson`, 'utf8')).toBe('');
});

test.each([
  [['import'], /give one file/],
  [['import', 'nowhere.csv'], /nowhere.csv cannot be read/],
  [['import', 'people.txt'], /say --format/],
  [['import', 'x.csv', '--format', 'xml'], /there are ndjson and csv/],
  [['import', 'x.csv', '--concurrency', '0'], /--concurrency is "0"/],
])('what makes no sense ends with 2: %j', async (line, words) => {
  const { code, err } = await cli.run(line);
  expect(code).toBe(2);
  expect(err[0]).toMatch(words);
});

test.each([
  [
    'Windows-1252',
    'latin.csv',
    Buffer.from('recipient_id,attributes.name\nw1,Ada\nw2,M\xfcller\n', 'latin1'),
    'WINDOWS-1252',
  ],
  ['UTF-16', 'wide.csv', Buffer.from('\ufeffrecipient_id,attributes.name\nw1,Ada\n', 'utf16le'), 'UTF-16LE'],
  [
    'Windows-1252 in NDJSON',
    'latin.ndjson',
    Buffer.from('{"recipient_id":"w1"}\n{"recipient_id":"w\xfc"}\n', 'latin1'),
    'WINDOWS-1252',
  ],
])('a file in %s is refused completely, and the encoding is named', async (_, name, bytes, encoding) => {
  const place = path.join(cli.dir, name);
  writeFileSync(place, bytes);
  const { code, err } = await cli.run(['import', place]);
  expect(code).toBe(2);
  expect(err.join('\n')).toContain(`is not UTF-8, from about line 1 on; it looks like ${encoding}`);
  expect(await emailOf('w1')).toBeUndefined();
  expect((await cli.api.request('GET', '/v1/recipients/w1', undefined, { key: cli.apiKey })).status).toBe(
    404,
  );
});

test('a row with a number that JSON would alter is refused individually', async () => {
  const place = file(
    'numbers.ndjson',
    '{"recipient_id":"big","attributes":{"n":4634343214213523454}}\n{"recipient_id":"small","attributes":{"n":1}}\n',
  );
  const { code, out, err } = await cli.run(['import', place]);
  expect(code).toBe(1);
  expect(out[0]).toBe('1 stored, 1 refused, 0 stored before');
  expect(err.join('\n')).toMatch(/line 1: the number 4634343214213523454 .*write it as a string/);
});

test('a first line with another separator, or a very long one, is refused in a sentence of bounded length', async () => {
  const semicolons = await cli.run(['import', file('semi.csv', 'recipient_id;email\nx;y@example.test\n')]);
  expect(semicolons.code).toBe(2);
  expect(semicolons.err.join('\n')).toContain('separated by semicolons');
  const long = await cli.run(['import', file('long.csv', `${'x'.repeat(100_000)},${'y,'.repeat(1_000)}z\n`)]);
  expect(long.code).toBe(2);
  expect(long.err.join('\n').length).toBeLessThan(1_000);
});
