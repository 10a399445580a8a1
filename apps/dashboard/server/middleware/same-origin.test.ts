import { expect, test } from 'vitest';
import { isSameOrigin } from './same-origin.ts';

test('a page of this host may make changes, whatever the scheme in front of the proxy', () => {
  expect(isSameOrigin('https://cln.example', 'same-origin', 'cln.example')).toBe(true);
  expect(isSameOrigin('http://127.0.0.1:3300', undefined, '127.0.0.1:3300')).toBe(true);
  expect(isSameOrigin(undefined, 'same-origin', 'cln.example')).toBe(true);
});

test.each([
  ['https://evil.example', undefined, 'cln.example'],
  ['https://evil.cln.example', 'same-site', 'cln.example'],
  ['https://cln.example', 'cross-site', 'cln.example'],
  ['https://cln.example:444', undefined, 'cln.example'],
  ['null', undefined, 'cln.example'],
  ['null', 'same-origin', 'cln.example'],
  [undefined, 'none', 'cln.example'],
  [undefined, undefined, 'cln.example'],
])('a request from another or an unknown origin is refused: origin %s, site %s', (origin, site, host) => {
  expect(isSameOrigin(origin, site, host)).toBe(false);
});
