import { describe, expect, test } from 'vitest';
import { readSample } from './sample.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const sample = (given: string | Uint8Array, name = 'people.csv', isWhole = true) => {
  const read = readSample(typeof given === 'string' ? bytes(given) : given, { isWhole, name });
  if ('refused' in read) throw new Error(read.refused);
  return read;
};
const refused = (given: string | Uint8Array, name = 'people.csv', isWhole = true) =>
  readSample(typeof given === 'string' ? bytes(given) : given, { isWhole, name });

describe('the beginning of a CSV file', () => {
  test('names the columns, their separator and the first rows; a byte order mark is left out', () => {
    expect(sample('\ufeffKunde;E-Mail\r\nk1;a@example.com\r\nk2;\r\n')).toEqual({
      format: 'csv',
      delimiter: ';',
      names: ['Kunde', 'E-Mail'],
      rows: [
        ['k1', 'a@example.com'],
        ['k2', ''],
      ],
      warnings: [],
    });
    expect(sample('id\temail\n1\ta@example.com\n').delimiter).toBe('\t');
  });

  test('reads quoted cells with separators, quotes and line breaks', () => {
    expect(sample('id,"Name, first"\n1,"Ada ""A"" L\nsecond line"\n2,Bo\n')).toMatchObject({
      names: ['id', 'Name, first'],
      rows: [
        ['1', 'Ada "A" L\nsecond line'],
        ['2', 'Bo'],
      ],
      warnings: [],
    });
  });

  test('a separator within a quoted name is none', () => {
    expect(sample('"Name, first";id\nAda;1\n').names).toEqual(['Name, first', 'id']);
  });

  test('leaves out a last row that may go on behind what was read, and a letter that is cut off', () => {
    const cut = bytes('id,name\n1,Ada\n2,Zoë').subarray(0, -1);
    expect(sample(cut, 'people.csv', false).rows).toEqual([['1', 'Ada']]);
    expect(sample('id,name\n1,Ada\n2,Bo').rows).toHaveLength(2);
  });

  test('says in which line a row has another number of cells, and where a quote is not closed', () => {
    expect(sample('id,email\n1,a@example.com\n\n2\n').warnings).toEqual([
      'Line 4 has 1 cell, the first line has 2: such rows will be refused.',
    ]);
    expect(sample('id,email\n1,"a@example.com\n2,b@example.com\n').warnings[0]).toMatch(/^A quote in line 2/);
  });

  test('says that only one column was found', () => {
    expect(sample('id|email\n1|a@example.com\n').warnings[0]).toMatch(/^Only one column was found/);
  });
});

describe('what is no text in UTF-8', () => {
  test.each([
    [[0x50, 0x4b, 0x03, 0x04], /spreadsheet \(\.xlsx\)/],
    [[0x1f, 0x8b, 0x08, 0x00], /gzip/],
    [[0xff, 0xfe, 0x69, 0x00], /UTF-16 \(little endian\)/],
    [[0x69, 0x00, 0x64, 0x00], /UTF-16 or UTF-32/],
  ])('%j is refused with what to do', (magic, expected) => {
    expect(refused(Uint8Array.from(magic))).toEqual({ refused: expect.stringMatching(expected) });
  });

  test('Windows-1252 in the names of the columns refuses the file, in a row it is a warning with the line', () => {
    const latin = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    expect(refused(latin('id,Größe\n1,2\n'))).toEqual({ refused: expect.stringMatching(/^Line 1 .*UTF-8/) });
    expect(sample(latin('id,name\n1,Ada\n2,Zoë\n')).warnings[0]).toMatch(/^Line 3 is not in UTF-8/);
  });

  test('a file without anything is refused', () => {
    expect(refused('')).toEqual({ refused: 'The file is empty.' });
    expect(refused('\ufeff \n')).toEqual({ refused: 'The file is empty.' });
  });
});

describe('the beginning of an NDJSON file', () => {
  test('names the members that the first objects have', () => {
    expect(
      sample('{"id":"1","email":"a@example.com"}\n{"id":"2","attributes":{"n":1}}\n', 'people.ndjson'),
    ).toEqual({
      format: 'ndjson',
      delimiter: null,
      names: ['id', 'email', 'attributes'],
      rows: [
        ['1', 'a@example.com', ''],
        ['2', '', '{"n":1}'],
      ],
      warnings: [],
    });
  });

  test('is known by its first letter where the name says nothing', () => {
    expect(sample('{"id":"1"}\n', 'people.txt').format).toBe('ndjson');
    expect(sample('id\n1\n', 'people.txt').format).toBe('csv');
  });

  test('one JSON array is refused, a line that is no object is a warning', () => {
    expect(refused('[{"id":"1"}]', 'people.json')).toEqual({ refused: expect.stringMatching(/array/) });
    expect(sample('{"id":"1"}\nid=2\n', 'people.ndjson').warnings[0]).toMatch(/^Line 2 is not a JSON object/);
  });
});
