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

test('stores CSV rows, refuses bad ones alone, and reports each', async () => {
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

test('again goes on where it stopped: stored rows are left out, corrected and new ones are stored', async () => {
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

test('a report that a crash cut short is still good', async () => {
  const place = file('cut.ndjson', '{"recipient_id": "k1", "email": "k1@example.test"}\n');
  await cli.run(['import', place]);
  const whole = readFileSync(`${place}.report.ndjson`, 'utf8');
  writeFileSync(`${place}.report.ndjson`, `${whole}{"line": 2, "outc`);
  expect((await cli.run(['import', place])).out[0]).toBe('0 stored, 0 refused, 1 stored before');
});

test('takes many rows from stdin, several at a time', async () => {
  const rows = Array.from(
    { length: 300 },
    (_, n) => `{"recipient_id": "s${n}", "email": "s${n}@example.test"}`,
  );
  const { code, out } = await cli.run(['import', '-', '--concurrency', '20'], rows.join('\n'));
  expect({ code, out }).toEqual({ code: 0, out: ['300 stored, 0 refused, 0 stored before'] });
  expect(await emailOf('s299')).toBe('s299@example.test');
});

test('what concerns every row ends it at once and says how to go on', async () => {
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
