import { expect, test } from 'vitest';
import { originProblem } from './allowed-origin.ts';

test.each([
  'https://shop.example',
  'https://shop.example:8443',
  'http://localhost:3000',
  'http://127.0.0.1:3000',
  'http://[::1]:3000',
])('%s can be allowed', (origin) => {
  expect(originProblem(origin)).toBeNull();
});

test.each([
  ['https://shop.example/', 'not an origin'],
  ['https://shop.example:443', 'not an origin'],
  ['https://SHOP.example', 'not an origin'],
  ['shop.example', 'not an origin'],
  ['*', 'not an origin'],
  ['null', 'not an origin'],
  ['https://*.example', 'not an origin'],
  ['https://user@shop.example', 'not an origin'],
  ['http://shop.example', 'not https'],
  ['http://localhost.evil.example', 'not https'],
  ['ftp://shop.example', 'not https'],
])('%s cannot', (origin, why) => {
  expect(originProblem(origin)).toContain(why);
});
