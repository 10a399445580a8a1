import { expect, test } from 'vitest';
import { allows, KEY_SCOPES } from './access.ts';

test('a scope allows itself and nothing else; admin allows everything but what needs installation', () => {
  expect(allows(['notifications:read'], 'notifications:read')).toBe(true);
  expect(allows(['notifications:read'], 'notifications:write')).toBe(false);
  expect(allows(['recipients:*'], 'recipients:read')).toBe(true);
  expect(allows(['recipients:*'], 'recipients:import')).toBe(true);
  expect(allows(['recipients:import'], 'recipients:read')).toBe(false);
  expect(allows(['recipients:import'], 'recipients:*')).toBe(false);
  expect(allows(['admin'], 'templates:*')).toBe(true);
  expect(allows(['admin'], 'installation')).toBe(false);
  expect(allows(['admin', 'installation'], 'installation')).toBe(true);
});

test('part of notifications:write are work on notifications and doubts; staff are beyond admin', () => {
  expect(allows(['notifications:write'], 'notifications:work')).toBe(true);
  expect(allows(['notifications:write'], 'doubts:settle')).toBe(true);
  expect(allows(['notifications:work'], 'notifications:write')).toBe(false);
  expect(allows(['admin'], 'staff:*')).toBe(false);
  expect(allows(['installation'], 'staff:*')).toBe(true);
});

test('keys can be given what they could be given before roles and keys shared a table', () => {
  expect(KEY_SCOPES).toEqual(
    expect.arrayContaining([
      'notifications:write',
      'notifications:read',
      'content:read',
      'recipients:read',
      'recipients:*',
      'templates:*',
      'campaigns:*',
      'webhooks:*',
      'suppressions:*',
      'admin',
      'installation',
    ]),
  );
});
