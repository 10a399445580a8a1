import { expect, test } from 'vitest';
import {
  ACCESS,
  allows,
  KEY_SCOPES,
  may,
  PERMISSIONS,
  permissionsOf,
  ROLE_SCOPES,
  rolesWith,
} from './access.ts';

test('a scope allows itself and nothing else; admin allows everything but what needs installation', () => {
  expect(allows(['notifications:read'], 'notifications:read')).toBe(true);
  expect(allows(['notifications:read'], 'notifications:write')).toBe(false);
  expect(allows(['recipients:*'], 'recipients:read')).toBe(true);
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

test('no role holds a scope of API keys, so no role name can open an API route', () => {
  const held = Object.values(ROLE_SCOPES).flat() as string[];
  expect(held.filter((scope) => (KEY_SCOPES as readonly string[]).includes(scope))).toEqual([]);
});

test('every staff role sees the pages; a viewer may do nothing else, an admin everything', () => {
  expect(ROLE_SCOPES.viewer).toEqual(['dashboard.read']);
  expect(permissionsOf('viewer')).toEqual([]);
  expect(permissionsOf('admin')).toEqual(PERMISSIONS);
  expect(permissionsOf('operator')).toEqual(
    PERMISSIONS.filter((each) => each !== 'account.administer' && each !== 'queue.administer'),
  );
});

test('every scope is held by a key or a role, and a refusal names the roles that hold it', () => {
  for (const [scope, { keys, roles }] of Object.entries(ACCESS))
    expect(keys || roles.length > 0, scope).toBe(true);
  expect(rolesWith('notification.retry')).toBe('operator or admin');
  expect(may('operator', 'account.administer')).toBe(false);
});
