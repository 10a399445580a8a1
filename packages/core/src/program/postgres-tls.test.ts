import { describe, expect, test } from 'vitest';
import { postgresTls, withoutTls, withTlsVariables } from './postgres-tls.ts';

const SERVER = 'postgres://u:p%40ss@db.example/carillon';
const of = (words: string) => postgresTls(`${SERVER}?${words}`);

describe('words of a URL', () => {
  test.each([
    ['', { mode: 'prefer', rootCert: null, cert: null, key: null }],
    ['sslmode=disable', { mode: 'disable' }],
    ['sslmode=require&sslrootcert=/ca', { mode: 'require', rootCert: '/ca' }],
    ['sslmode=verify-ca', { mode: 'verify-ca' }],
    ['sslmode=verify-full&sslcert=/c&sslkey=/k', { mode: 'verify-full', cert: '/c', key: '/k' }],
    ['sslrootcert=system', { mode: 'verify-full', rootCert: 'system' }],
    ['sslmode=allow', { mode: 'prefer' }],
    ['ssl=true', { mode: 'verify-full' }],
    ['sslmode=require&channel_binding=prefer&gssencmode=disable', { mode: 'require' }],
    ['statement_timeout=5', { mode: 'prefer' }],
  ])('"%s" is understood as libpq does', (words, expected) => {
    expect(of(words)).toMatchObject(expected);
  });

  test.each([
    ['sslmode=verify_full', /sslmode=verify_full: .*disable, prefer, require, verify-ca, verify-full/],
    [
      'sslmode=disable&sslcert=/c',
      /sslcert=\/c and sslmode=disable.*sslmode=verify-full, or leave sslcert out/,
    ],
    ['sslrootcert=/ca', /sslrootcert=\/ca and no sslmode \(so prefer\).*write sslmode=verify-full/],
    ['sslmode=require&sslrootcert=system', /sslrootcert=system and sslmode=require.*verify-full/],
    ['sslcrl=/crl', /sslcrl=\/crl, which Carillon does not know: leave it out/],
    ['channel_binding=require', /channel_binding=require, .*leave it out/],
  ])('"%s" gets a sentence with the word, its value and the remedy', (words, problem) => {
    expect(of(words)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

test('the variables of libpq count where the URL says nothing', () => {
  const full = (words: string, variables: Record<string, string>) =>
    [...new URL(withTlsVariables(`${SERVER}${words}`, variables)).searchParams].map((pair) => pair.join('='));
  expect(full('', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/ca' })).toEqual([
    'sslmode=verify-full',
    'sslrootcert=/ca',
  ]);
  expect(full('?sslmode=require', { PGSSLMODE: 'verify-full', PGSSLCERT: '/c' })).toEqual([
    'sslmode=require',
    'sslcert=/c',
  ]);
  expect(full('?sslmode=disable', { PGSSLROOTCERT: '/ca', PGSSLCERT: '/c' })).toEqual(['sslmode=disable']);
});

test('no word about encryption reaches the server as a parameter, and every other does', () => {
  const url = `${SERVER}?sslmode=require&sslrootcert=/ca&options=-c%20jit%3Doff&channel_binding=prefer`;
  expect(new URL(withoutTls(url)).searchParams.toString()).toBe('options=-c+jit%3Doff');
  expect(withoutTls(`${SERVER}?sslmode=disable`)).toBe(SERVER);
});
