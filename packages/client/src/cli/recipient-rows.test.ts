import { expect, test } from 'vitest';
import { type RecipientRow, type RowFormat, readRecipients } from './recipient-rows.ts';

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
async function rows(format: RowFormat, text: string): Promise<RecipientRow[]> {
  const all: RecipientRow[] = [];
  for await (const row of readRecipients(once(text), format)) all.push(row);
  return all;
}

test('CSV: empty cells are ignored, attributes are texts', async () => {
  const text = 'recipient_id, email,attributes.plan,phone\nu1,ada@example.test,pro,\n u2 ,,,+14155552671\n';
  expect(await rows('csv', text)).toEqual([
    { line: 2, recipientId: 'u1', fields: { email: 'ada@example.test', attributes: { plan: 'pro' } } },
    { line: 3, recipientId: 'u2', fields: { phone: '+14155552671' } },
  ]);
});

test.each([
  ['a column that is not understood', 'recipient_id,e-mail\n', /"e-mail"/],
  ['no column recipient_id', 'email\n', /no column recipient_id/],
  ['a column twice', 'recipient_id,email,email\n', /a column twice/],
])('CSV: a first line with %s ends it before any row', async (_, text, words) => {
  await expect(rows('csv', `${text}u1,x,y\n`)).rejects.toThrow(words);
});

test('CSV: a row of another length, or without an id, is refused individually', async () => {
  const [short, nameless, good] = await rows(
    'csv',
    'recipient_id,email\nu1\n,b@example.test\nu3,c@example.test\n',
  );
  expect(short).toEqual({ line: 2, recipientId: null, problem: 'it has 1 cells, the first line has 2' });
  expect(nameless).toMatchObject({ line: 3, problem: expect.stringContaining('recipient_id is missing') });
  expect(good).toMatchObject({ line: 4, recipientId: 'u3' });
});

test('NDJSON: each line is a recipient, validated by the API', async () => {
  const text =
    '{"recipient_id": "u1", "email": null, "attributes": {"age": 7}}\n\n{"recipient_id": "u2", "nickname": "x"}';
  expect(await rows('ndjson', text)).toEqual([
    { line: 1, recipientId: 'u1', fields: { email: null, attributes: { age: 7 } } },
    { line: 3, recipientId: 'u2', fields: { nickname: 'x' } },
  ]);
});

test.each([
  ['{"recipient_id": "u1"', /it is not JSON/],
  ['["u1"]', /not a JSON object/],
  ['null', /not a JSON object/],
  ['{"email": "a@example.test"}', /recipient_id is missing/],
  ['{"recipient_id": 7}', /recipient_id is 7/],
  ['{"recipient_id": ".."}', /which no URL can hold/],
])('NDJSON: %s is refused individually', async (line, words) => {
  const [bad, good] = await rows('ndjson', `${line}\n{"recipient_id": "u2"}\n`);
  expect(bad).toMatchObject({ line: 1, problem: expect.stringMatching(words) });
  expect(good).toMatchObject({ line: 2, recipientId: 'u2' });
});
