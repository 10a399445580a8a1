import { ConfigError } from '@carillon/core/program/config';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { deliveredBy, ROLES, rolesInsteadOf } from './roles.ts';
import { SERVICES } from './services.ts';

const env = { DATABASE_URL: 'postgres://a@b/c', REDIS_URL: 'redis://a' };
const rolesOf = (WORKER_ROLES: string) => readConfig({ ...env, WORKER_ROLES }).WORKER_ROLES;

describe('WORKER_ROLES', () => {
  test('is every role unless set', () => {
    expect(readConfig(env).WORKER_ROLES).toEqual(ROLES);
    expect(rolesOf('deliver, relay, events, maintenance, campaigns')).toEqual(ROLES);
  });

  test('names each role once, in any order, with spaces or without', () => {
    expect(rolesOf('relay:bulk , deliver:bulk,deliver:bulk')).toEqual(['deliver:bulk', 'relay:bulk']);
    expect(rolesOf('deliver')).toEqual(['deliver:critical', 'deliver:normal', 'deliver:bulk']);
    expect(deliveredBy(rolesOf('maintenance,deliver:bulk,deliver:critical'))).toEqual(['critical', 'bulk']);
  });

  test.each(['deliver:urgent', 'critical', 'events,', 'toString', 'Deliver'])('refuses %s', (text) => {
    expect(() => rolesOf(text)).toThrow(
      /WORKER_ROLES=.*must be a comma-separated list of deliver:<priority>/,
    );
  });
});

describe('the settings it replaced', () => {
  test.each([
    ['critical', 'true', 'deliver:critical,relay:critical,maintenance'],
    [
      'normal,bulk',
      undefined,
      'deliver:normal,deliver:bulk,relay:normal,relay:bulk,events,maintenance,campaigns',
    ],
    ['bulk', 'false', 'deliver:bulk,relay:bulk,campaigns'],
    [undefined, 'false', 'deliver,relay,events,campaigns'],
    ['critical,normal,bulk', undefined, 'deliver,relay,events,maintenance,campaigns'],
  ])(
    'WORKER_PRIORITIES=%s and WORKER_MAINTENANCE=%s are now WORKER_ROLES=%s',
    (priorities, maintenance, roles) => {
      expect(rolesInsteadOf(priorities, maintenance)).toBe(roles);
      const old = { WORKER_PRIORITIES: priorities, WORKER_MAINTENANCE: maintenance };
      expect(() => readConfig({ ...env, ...old })).toThrow(ConfigError);
      expect(() => readConfig({ ...env, ...old })).toThrow(`WORKER_ROLES=${roles}`);
    },
  );

  test('have no effect where they are empty', () => {
    expect(readConfig({ ...env, WORKER_PRIORITIES: '', WORKER_MAINTENANCE: '' }).WORKER_ROLES).toEqual(ROLES);
  });
});

test('every role starts something, and every service has a name of its own', () => {
  expect(ROLES.filter((role) => !SERVICES.some((service) => service.role === role))).toEqual([]);
  const names = SERVICES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
