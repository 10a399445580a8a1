import { expect, test } from 'vitest';
import { shownUrl } from './shown-url.ts';

test.each([
  ['https://hooks.example/services/T0/B0/secret', 'https://hooks.example/...'],
  ['https://hooks.example:8443/?token=secret', 'https://hooks.example:8443/...'],
  ['https://user:secret@hooks.example', 'https://hooks.example/...'],
  ['https://hooks.example/#secret', 'https://hooks.example/...'],
  ['https://hooks.example', 'https://hooks.example'],
  ['secret', '(no URL)'],
])('%s is shown as %s', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
