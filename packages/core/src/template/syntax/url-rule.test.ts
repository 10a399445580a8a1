import fc from 'fast-check';
import { expect, test } from 'vitest';
import { URL_SCHEMES, urlProblem } from './url-rule.ts';

test('a URL that a browser would read as another scheme than the allowed ones is refused', () => {
  const pieces = fc.constantFrom(
    'java',
    'script',
    ':',
    'JAVASCRIPT',
    '\t',
    '\n',
    ' ',
    '/',
    '\\',
    'https',
    '//',
    'x',
    'data',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const url = parts.join('');
      if (urlProblem(url, '') !== null) return;
      const parsed = new URL(url, 'https://base.example');
      expect(URL_SCHEMES.map((scheme) => `${scheme}:`)).toContain(parsed.protocol);
      if (url.startsWith('/')) expect(parsed.host).toBe('base.example');
    }),
    { numRuns: 2_000 },
  );
});
