import { expect, test } from 'vitest';
import { allows, KEY_SCOPES } from './access.ts';
import { type Grant, ROLE_NAMES, ROLES, scopesIn } from './roles.ts';

const SHOP = { appId: 'shop', environment: 'live' } as const;
const grant = (
  role: Grant['role'],
  appId: string | null = null,
  environment: Grant['environment'] = null,
) => ({
  role,
  appId,
  environment,
});

test('roles consist of scopes that API keys have too', () => {
  for (const role of ROLE_NAMES) for (const scope of ROLES[role].scopes) expect(KEY_SCOPES).toContain(scope);
});

test('only an owner has what concerns staff and apps', () => {
  const with_ = (needed: 'staff:*' | 'installation') =>
    ROLE_NAMES.filter((role) => allows(scopesIn([grant(role)], SHOP), needed));
  expect(with_('staff:*')).toEqual(['owner']);
  expect(with_('installation')).toEqual(['owner']);
});

test('viewers, auditors and marketers see no addresses, and viewers and auditors change nothing', () => {
  for (const role of ['viewer', 'auditor', 'marketer'] as const)
    expect(allows(scopesIn([grant(role)], SHOP), 'addresses:read'), role).toBe(false);
  for (const role of ['viewer', 'auditor'] as const)
    expect(ROLES[role].scopes.filter((scope) => !scope.endsWith(':read'))).toEqual([]);
});

test('a role in one app or environment gives nothing in another, and nothing that concerns every app', () => {
  expect(scopesIn([grant('support', 'shop')], { appId: 'bank', environment: 'live' })).toEqual([]);
  expect(scopesIn([grant('support', 'shop', 'test')], SHOP)).toEqual([]);
  const support = scopesIn([grant('support', 'shop')], SHOP);
  expect(allows(support, 'content:read')).toBe(true);
  expect(allows(support, 'providers:hold')).toBe(false);
  const admin = scopesIn([grant('admin', 'shop')], SHOP);
  expect(allows(admin, 'keys:*')).toBe(true);
  expect(allows(admin, 'providers:*')).toBe(false);
  expect(allows(admin, 'queues:administer')).toBe(false);
  expect(scopesIn([grant('admin', 'shop'), grant('viewer')], null)).toEqual(
    scopesIn([grant('viewer')], null),
  );
});

test('several roles add up', () => {
  const both = scopesIn([grant('viewer'), grant('support', 'shop', 'test')], {
    ...SHOP,
    environment: 'test',
  });
  expect(allows(both, 'content:read')).toBe(true);
  expect(allows(scopesIn([grant('viewer'), grant('support', 'shop', 'test')], SHOP), 'content:read')).toBe(
    false,
  );
});
