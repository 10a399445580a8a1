import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Carillon } from '../carillon.ts';
import { openClient } from './config.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'carillon-cli-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const RUN = { api: 'http://127.0.0.1:3400', api_key: 'cln_test_x', live_api_key: 'cln_live_x' };
function running(dir: string, content: unknown = RUN): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'run.json'), JSON.stringify(content));
}
const KEY = { CARILLON_API_KEY: 'cln_live_y' };
const URL_ = { CARILLON_URL: 'https://carillon.example.com' };

test('the environment selects a Carillon', () => {
  expect(openClient({ env: { ...KEY, ...URL_ }, cwd: root }, {})).toBeInstanceOf(Carillon);
});

test('without it, the one that runs in this checkout is found, from any folder of it', () => {
  running(path.join(root, '.carillon'));
  const deep = path.join(root, 'apps/api');
  mkdirSync(deep, { recursive: true });
  expect(openClient({ env: {}, cwd: deep }, {})).toBeInstanceOf(Carillon);
  expect(openClient({ env: { CARILLON_API_KEY: '', CARILLON_URL: '' }, cwd: deep }, {})).toBeInstanceOf(
    Carillon,
  );
});

test('one with another data directory is found by --data, relative to the current directory', () => {
  running(path.join(root, 'elsewhere'));
  expect(openClient({ env: {}, cwd: root }, { data: 'elsewhere' })).toBeInstanceOf(Carillon);
  expect(() => openClient({ env: {}, cwd: root }, { data: 'nowhere' })).toThrow(
    /There is no .*nowhere.run\.json/,
  );
});

test.each([
  ['a key without an address', KEY, {}, /CARILLON_URL is not/],
  ['an address without a key', URL_, {}, /no API key/],
  ['an address on the command line without a key', {}, { url: 'https://evil.example.com' }, /no API key/],
])('a key is never sent to a URL that it was not given for: %s', (_, env, options, words) => {
  running(path.join(root, '.carillon'));
  expect(() => openClient({ env, cwd: root }, options)).toThrow(words);
});

test('the address of the system that runs here needs no key, in the environment or on the command line', () => {
  running(path.join(root, '.carillon'));
  const api = 'http://127.0.0.1:3400/';
  expect(openClient({ env: { CARILLON_URL: api }, cwd: root }, {})).toBeInstanceOf(Carillon);
  expect(openClient({ env: {}, cwd: root }, { url: api })).toBeInstanceOf(Carillon);
  expect(() => openClient({ env: {}, cwd: root }, { url: 'http://127.0.0.1:3401' })).toThrow(/no API key/);
});

test.each([
  'https://evil.example.com',
  'http://127.0.0.1.evil.example.com',
  'http://10.0.0.1:3400',
  'nonsense',
])('a run.json with a URL of another machine (%s) is refused, and its key is not sent', (api) => {
  running(path.join(root, '.carillon'), { ...RUN, api });
  expect(() => openClient({ env: {}, cwd: root }, {})).toThrow(/not on this machine: its key is not sent/);
});

test('a missing configuration is reported with the remedy', () => {
  expect(() => openClient({ env: {}, cwd: root }, {})).toThrow(
    /Set CARILLON_URL and CARILLON_API_KEY.*npm start/,
  );
});

test('a file of another kind is refused', () => {
  running(path.join(root, '.carillon'), { name: 'x' });
  expect(() => openClient({ env: {}, cwd: root }, {})).toThrow(/does not say where the API is/);
});

test('an invalid setting is reported under the name that the user set', () => {
  const env = { ...KEY, CARILLON_URL: 'carillon.example.com' };
  expect(() => openClient({ env, cwd: root }, {})).toThrow(/^CARILLON_URL is "carillon.example.com"/);
});
