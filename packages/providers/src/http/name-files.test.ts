import { expect, test } from 'vitest';
import { parseNameFiles } from './name-files.ts';

test('the hosts file gives every address of a name, in its order and without comments', () => {
  const { hosts } = parseNameFiles(
    '127.0.0.1 localhost\n# 10.0.0.1 old\n10.0.0.7\tDb db.internal # primary\n::1 localhost\nnonsense x\n',
    '',
  );
  expect(Object.fromEntries(hosts)).toEqual({
    localhost: ['127.0.0.1', '::1'],
    db: ['10.0.0.7'],
    'db.internal': ['10.0.0.7'],
  });
});

test.each([
  ['', [], 1],
  ['nameserver 10.0.0.2\nsearch a.test b.test\noptions edns0 ndots:5\n', ['a.test', 'b.test'], 5],
  ['domain a.test\nsearch b.test\n', ['b.test'], 1],
  ['search .\noptions ndots:99', [], 15],
])('resolv.conf %j: its search domains and ndots', (text, search, ndots) => {
  expect(parseNameFiles('', text)).toMatchObject({ search, ndots });
});
