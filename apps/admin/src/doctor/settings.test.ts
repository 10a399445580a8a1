import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clockFinding } from './clock.ts';
import { exitCodeOf, type Finding } from './finding.ts';
import { PROGRAM_NAMES, PROGRAMS } from './programs.ts';
import { checkSettings } from './settings.ts';

const PASSWORD = randomBytes(24).toString('hex');
const GOOD = {
  NODE_ENV: 'production',
  DATABASE_URL: `postgres://app:${PASSWORD}@db.example/carillon`,
  REDIS_URL: `redis://:${PASSWORD}@redis.example:6379`,
  ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  DASHBOARD_URL: 'https://dashboard.acme.example',
  PUBLIC_BASE_URL: 'https://carillon.example',
};
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-doctor-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const look = (change: Record<string, string | undefined>) =>
  checkSettings({ ...GOOD, ...change }, PROGRAM_NAMES);
const of = (findings: readonly Finding[], name: string) =>
  findings.filter(({ check, level }) => check === `setting ${name}` && level !== 'ok');

describe('the settings', () => {
  test('that every program starts with are all valid', () => {
    for (const { read } of Object.values(PROGRAMS)) expect(() => read(GOOD)).not.toThrow();
    expect(exitCodeOf(look({}))).toBe(0);
  });

  test.each([
    ['missing', 'DATABASE_URL', undefined],
    ['missing', 'ENCRYPTION_KEYS', undefined],
    ['weak', 'REDIS_URL', 'redis://:redis@redis.example:6379'],
    ['weak', 'PUBLIC_BASE_URL', 'http://carillon.example'],
    ['weak', 'METRICS_TOKEN', 'a'.repeat(20)],
    ['invalid', 'API_PORT', '99999'],
    ['invalid', 'WORKER_ROLES', 'urgent'],
  ])('are an error where one is %s: %s', (kind, name, value) => {
    const findings = look({ [name]: value });
    const wrong = of(findings, name);
    expect(wrong.map(({ level }) => level)).toEqual(['error']);
    expect(wrong[0]!.message).toMatch(new RegExp(`^${kind}: `));
    expect(wrong[0]!.remedy).toBeTruthy();
    expect(exitCodeOf(findings)).toBe(2);
  });

  test('never show a secret', () => {
    const token = `${'q'.repeat(12)}zz-q1`;
    const text = JSON.stringify(
      look({ METRICS_TOKEN: token, ENCRYPTION_KEYS: `k1:${token}`, REDIS_URL: undefined }),
    );
    expect(text).not.toContain(token);
    expect(text).not.toContain(PASSWORD);
  });

  test('that no program reads, because of a typing error, are a warning with the intended name', () => {
    const findings = look({ WORKER_ROLE: 'deliver:bulk', DASHBOARD_COLOUR: 'red', PATH: '/bin' });
    expect(of(findings, 'WORKER_ROLE')[0]).toMatchObject({
      level: 'warning',
      remedy: 'Write WORKER_ROLES, or leave it out.',
    });
    expect(of(findings, 'DASHBOARD_COLOUR')[0]).toMatchObject({ level: 'warning' });
    expect(of(findings, 'PATH')).toEqual([]);
  });

  test('outside production get warnings for what production would refuse', () => {
    const findings = look({ NODE_ENV: undefined, METRICS_TOKEN: 'a'.repeat(20) });
    expect(of(findings, 'NODE_ENV')).toHaveLength(1);
    expect(of(findings, 'METRICS_TOKEN')[0]).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('refused with NODE_ENV=production'),
    });
    expect(exitCodeOf(findings)).toBe(1);
  });

  test('of one program are checked alone where it is named', () => {
    const { PUBLIC_BASE_URL: _, ...env } = GOOD;
    expect(exitCodeOf(checkSettings(env, ['dashboard']))).toBe(0);
    expect(exitCodeOf(checkSettings(env, ['api']))).toBe(2);
  });

  test('name a file of provider accounts that workers can read', () => {
    const file = path.join(dir, 'providers.json');
    expect(of(look({ PROVIDERS_FILE: file }), 'PROVIDERS_FILE')[0]!.message).toContain('cannot be read');
    writeFileSync(file, JSON.stringify([{ id: 'mail', provider: 'resend', environments: ['live'] }]));
    expect(of(look({ PROVIDERS_FILE: file }), 'PROVIDERS_FILE').length).toBeGreaterThan(0);
    writeFileSync(file, JSON.stringify([{ id: 'inbox', provider: 'inbox', environments: ['live'] }]));
    expect(of(look({ PROVIDERS_FILE: file }), 'PROVIDERS_FILE')).toEqual([]);
  });
});

test('a clock counts as wrong only beyond the duration of the query', () => {
  const at = (server: number, sent: number, received: number) =>
    clockFinding('clock', server, sent, received);
  expect(at(5_000, 1_000, 9_000).level).toBe('ok');
  expect(at(11_500, 1_000, 9_000)).toMatchObject({
    level: 'warning',
    message: 'it is 2.5 s ahead of this machine',
  });
  expect(at(1_000, 100_000, 100_100)).toMatchObject({
    level: 'error',
    message: 'it is 99.0 s behind this machine',
  });
});
