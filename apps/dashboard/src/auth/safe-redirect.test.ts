import { expect, test } from 'vitest';
import { safeRedirect } from './safe-redirect.ts';

test('a path of the dashboard is kept with its query', () => {
  expect(safeRedirect('/notifications/1?tab=a')).toBe('/notifications/1?tab=a');
  expect(safeRedirect('/queues/queue/email-bulk')).toBe('/queues/queue/email-bulk');
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
  expect(safeRedirect(next)).toBe('/');
});
