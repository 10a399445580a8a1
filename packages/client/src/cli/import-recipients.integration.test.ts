import { writeFileSync } from 'node:fs';
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
const ask = async (where: string) =>
  (await cli.api.request('GET', where, undefined, { key: cli.apiKey })).body;

test('imports a CSV file with mapped columns, and reports the lines that were refused', async () => {
  const place = file('people.csv', 'Customer,email,note\nc1,c1@example.test,x\nc2,nobody,y\n');
  const line = ['recipients', 'import', place, '--map', 'Customer=id', '--map', 'note='];
  const { code, out, err } = await cli.run(line);
  expect(out).toEqual(['2 read: 1 created, 0 updated, 0 unchanged, 1 refused']);
  expect(code).toBe(1);
  expect(err.join('\n')).toMatch(/100 % sent\nline 3: email: "nobody"[\s\S]*All errors: http/);
  expect((await ask('/v1/recipients/c1')).email).toBe('c1@example.test');
});

test('imports many rows from stdin; a dry run stores nothing', async () => {
  const rows = Array.from({ length: 3_000 }, (_, n) => `{"id":"s${n}","email":"s${n}@example.test"}\n`).join(
    '',
  );
  const dry = await cli.run(['recipients', 'import', '-', '--dry-run'], rows);
  expect(dry.out).toEqual([
    '3000 read: 3000 created, 0 updated, 0 unchanged, 0 refused (nothing was stored)',
  ]);
  expect((await ask('/v1/recipients/s1')).code).toBe('not_found');
  const { code, out } = await cli.run(['recipients', 'import', '-', '--json'], rows);
  expect(code).toBe(0);
  const result = JSON.parse(out[0]!);
  expect(result).toMatchObject({ created: 3_000, status: 'done' });
  expect((await ask(`/v1/imports/${result.import_id}`)).read).toBe(3_000);
});

test('a broken connection says how to go on, and the same id goes on', async () => {
  const place = file('again.csv', 'id\na1\na2\n');
  const down = await cli.run(['recipients', 'import', place, '--url', 'http://127.0.0.1:9']);
  expect(down.code).toBe(3);
  const id = /--import-id (\S+)/.exec(down.err.join('\n'))?.[1];
  expect(id).toBeDefined();
  const first = await cli.run(['recipients', 'import', place, '--import-id', id!]);
  expect(first.out[0]).toMatch(/^2 read: 2 created/);
  const again = await cli.run(['recipients', 'import', place, '--import-id', id!]);
  expect(again.out[0]).toMatch(/^2 read: 2 created/);
});

test.each([
  [['recipients'], /only "recipients import/],
  [['recipients', 'import'], /give one file/],
  [['recipients', 'import', 'nowhere.csv'], /nowhere.csv cannot be read/],
  [['recipients', 'import', 'people.txt'], /say --format/],
  [['recipients', 'import', 'x.csv', '--mode', 'merge'], /there are upsert and replace/],
  [['recipients', 'import', 'x.csv', '--map', 'x'], /Column=field/],
])('what makes no sense ends with 2: %j', async (line, words) => {
  const { code, err } = await cli.run(line);
  expect(code).toBe(2);
  expect(err[0]).toMatch(words);
});
