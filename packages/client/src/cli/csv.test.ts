import { expect, test } from 'vitest';
import { type CsvRecord, readCsv } from './csv.ts';

/** Read in chunks of every size, to cover every chunk boundary. */
async function read(text: string): Promise<CsvRecord[]> {
  const [whole, ...others] = await Promise.all(
    [text.length, 1, 2, 3, 7].map((size) => collect(readCsv(pieces(text, Math.max(1, size))))),
  );
  for (const other of others) expect(other).toEqual(whole);
  return whole!;
}

async function collect(records: AsyncIterable<CsvRecord>): Promise<CsvRecord[]> {
  const all: CsvRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

const cells = async (text: string): Promise<string[][]> => (await read(text)).map((record) => record.cells);

test.each([
  [
    'lines',
    'a,b\nc,d\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'the last line without an end',
    'a,b\nc,d',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'CRLF',
    'a,b\r\nc,d\r\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'empty cells',
    ',a,\n,,\n',
    [
      ['', 'a', ''],
      ['', '', ''],
    ],
  ],
  ['quotes', '"a,b","say ""hi"""\n', [['a,b', 'say "hi"']]],
  ['line breaks in quotes', '"a\r\nb",c\n', [['a\r\nb', 'c']]],
  ['a quoted empty cell', '""\n', [['']]],
  [
    'quotes before CRLF',
    '"a","b"\r\n"c","d"\r\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['empty lines, which are none', '\na\n\n\r\nb\n', [['a'], ['b']]],
  ['nothing', '', []],
  ['spaces as they are', ' a , b \n', [[' a ', ' b ']]],
])('reads %s', async (_, text, expected) => {
  expect(await cells(text)).toEqual(expected);
});

test.each(['\n', '\r\n', '\r'])('lines end with %j, in and after quoted cells too', async (end) => {
  const text = ['a,b', '', '"c","d"', `"e${end}f",g`, 'h,'].join(end) + end;
  expect(await cells(text)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    [`e${end}f`, 'g'],
    ['h', ''],
  ]);
  expect((await read(text)).map(({ line }) => line)).toEqual([1, 3, 4, 6]);
});

test('a record has the number of its first line', async () => {
  expect((await read('a\n"b\nb"\n\nc\n')).map(({ line }) => line)).toEqual([1, 2, 5]);
});

test.each([
  ['a quote in the middle', 'a"b,c\nd,e\n', /middle of a cell/],
  ['text after a closing quote', '"a"b,c\nd,e\n', /follows a closing quote/],
])('%s is a problem of its record alone', async (_, text, words) => {
  const [bad, good] = await read(text);
  expect(bad!.problem).toMatch(words);
  expect(good).toEqual({ line: 2, cells: ['d', 'e'] });
});

test('an unclosed quote is a problem', async () => {
  expect((await read('a\n"b,c\nd\n'))[1]!.problem).toMatch(/not closed/);
});
