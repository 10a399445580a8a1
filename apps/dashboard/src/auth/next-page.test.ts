import { expect, test } from 'vitest';
import { nextPage } from './next-page.ts';

test('a path of the dashboard is kept with its query', () => {
  expect(nextPage('/notifications/1?tab=a')).toBe('/notifications/1?tab=a');
  expect(nextPage('/queues/queue/email-bulk')).toBe('/queues/queue/email-bulk');
});

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/..//evil.example',
  'javascript:alert(1)',
  '/login',
  '/logout',
  '',
  undefined,
  ['/'],
])('a link that leads elsewhere ends on the start page: %j', (next) => {
  expect(nextPage(next)).toBe('/');
});
