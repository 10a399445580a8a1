import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idsOfFile, ndjsonOf } from './read-id-file.ts';

test.each<[string, string, string[]]>([
  ['NDJSON of texts', '"user_1"\n"user 2"\n', ['user_1', 'user 2']],
  ['NDJSON of objects', '{"id": "user_1"}\r\n{"id": "user_2"}', ['user_1', 'user_2']],
  ['plain lines', 'user_1\n\n  user_2  \n', ['user_1', 'user_2']],
  ['CSV with a head', 'recipient_id,email\nuser_1,ada@example.com\nuser_2,', ['user_1', 'user_2']],
  [
    'CSV of quoted cells with semicolons',
    '\uFEFFid;name\n"user;1";Ada\n"say ""hi""";Bob',
    ['user;1', 'say "hi"'],
  ],
  ['nothing', ' \n', []],
])('%s', (_, text, ids) => {
  expect(idsOfFile(text)).toEqual(ids);
});

test('a line that is broken JSON is not taken for an id that is meant', () => {
  expect(idsOfFile('{"id": 5}\n{"id": "a"')).toEqual(['{"id": 5}', '{"id": "a"']);
});

test('ids written as NDJSON are read as they were', () => {
  const id = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(fc.array(id), (ids) => {
      expect(idsOfFile(ndjsonOf(ids))).toEqual(ids);
    }),
  );
});
