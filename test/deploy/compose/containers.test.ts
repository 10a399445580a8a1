import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../alert-rules.ts';
import { ENV_EXAMPLE, NOT_OF_ENV_EXAMPLE } from '../settings-elsewhere.ts';
import { COMPOSE, interpolate, type Service } from './file.ts';

/** What every container of docker-compose.yml keeps to. Exceptions are named here, with their reasons. */
const services = Object.entries(COMPOSE.services);
const WITHOUT_HEALTH: Readonly<Record<string, string>> = { migrate: 'ends when it is done' };
const WRITABLE: Readonly<Record<string, string>> = {
  prometheus: 'has a secret from .env, which Compose can hand only to a container that can be written',
  grafana: 'has a secret from .env, which Compose can hand only to a container that can be written',
};

const megabytes = (amount: string): number => {
  const [, number, unit] = /^(\d+)([mg])b?$/i.exec(amount)!;
  return Number(number) * (unit!.toLowerCase() === 'g' ? 1024 : 1);
};
const seconds = (duration: string): number => {
  const [, number, unit] = /^(\d+)(s|m)$/.exec(duration)!;
  return Number(number) * (unit === 'm' ? 60 : 1);
};

/** What is wrong with a service, one sentence each. */
function faultsOf(name: string, service: Service): string[] {
  const { healthcheck, deploy, logging, user = '', cap_drop, cap_add, security_opt, privileged } = service;
  const limits = deploy?.resources.limits;
  const memory = megabytes(interpolate(limits?.memory ?? '0m', {}));
  const checks: [string, boolean][] = [
    ['has no health check', healthcheck !== undefined || name in WITHOUT_HEALTH],
    [
      'takes longer to be checked than 2 minutes in all',
      !healthcheck || slowness(healthcheck) <= (name === 'backups' ? 240 : 120),
    ],
    ['has no bound of memory', memory >= 128 && memory <= 4096],
    ['has no bound of processors', Number(interpolate(limits?.cpus ?? '0', {})) > 0],
    ['has no bound of processes', (limits?.pids ?? 0) > 0],
    ['keeps logs without bound', logging?.driver === 'json-file' && keptLogs(logging.options) <= 100],
    ['can be written', (service.read_only ?? false) !== name in WRITABLE],
    ['has no /tmp', service.tmpfs?.includes('/tmp') ?? false],
    ['runs as root', user !== '' && !/^(root|0)(:|$)/.test(user)],
    ['has capabilities', cap_drop?.join() === 'ALL' && cap_add === undefined && privileged === undefined],
    ['may gain rights', security_opt?.includes('no-new-privileges:true') ?? false],
  ];
  return checks.filter(([, isFine]) => !isFine).map(([fault]) => `${name} ${fault}`);
}
const slowness = ({ interval, timeout, retries }: { interval: string; timeout: string; retries: number }) =>
  (seconds(interval) + seconds(timeout)) * retries;
const keptLogs = (options: Record<string, string>) =>
  megabytes(options['max-size'] ?? '1000g') * Number(options['max-file'] ?? 1);

/** The keys of the Compose Specification that the file uses: Compose refuses what it does not know, and is not here. */
const KEYS: Readonly<Record<'service' | 'healthcheck' | 'limits', readonly string[]>> = {
  service: [
    ...[
      'build',
      'cap_drop',
      'command',
      'configs',
      'cpu_shares',
      'depends_on',
      'deploy',
      'environment',
      'healthcheck',
    ],
    ...[
      'image',
      'init',
      'logging',
      'ports',
      'profiles',
      'read_only',
      'restart',
      'secrets',
      'security_opt',
      'shm_size',
    ],
    ...['stop_grace_period', 'tmpfs', 'user', 'volumes'],
  ],
  healthcheck: ['test', 'interval', 'timeout', 'retries', 'start_period', 'start_interval'],
  limits: ['cpus', 'memory', 'pids'],
};
/** Keys that are none of these, with their places. */
function unknownKeys(name: string, service: Service): string[] {
  const parts = {
    service,
    healthcheck: service.healthcheck ?? {},
    limits: service.deploy?.resources.limits ?? {},
  };
  return Object.entries(parts).flatMap(([part, value]) =>
    Object.keys(value)
      .filter((key) => !KEYS[part as keyof typeof KEYS].includes(key))
      .map((key) => `${name}: ${part} has ${key}`),
  );
}

describe('every container', () => {
  test('has only keys that Compose knows', () => {
    expect(services.flatMap(([name, service]) => unknownKeys(name, service))).toEqual([]);
    const wrong = { ...COMPOSE.services.api!, readonly: true } as Service;
    expect(unknownKeys('api', wrong)).toEqual(['api: service has readonly']);
  });

  test.each(services)(
    '%s is checked, bounded, read-only and without rights, and its logs end',
    (name, service) => {
      expect(faultsOf(name, service)).toEqual([]);
    },
  );

  test('would be noticed if it were not', () => {
    const [, api] = services.find(([name]) => name === 'api')!;
    const { healthcheck: _, deploy: __, logging: ___, user: ____, ...bare } = api;
    expect(faultsOf('api', bare)).toHaveLength(6);
    expect(faultsOf('api', { ...api, read_only: false })).toEqual(['api can be written']);
    expect(faultsOf('api', { ...api, user: '0:0' })).toEqual(['api runs as root']);
    expect(faultsOf('api', { ...api, cap_add: ['SYS_ADMIN'] })).toEqual(['api has capabilities']);
    expect(faultsOf('api', { ...api, logging: { driver: 'json-file', options: {} } })).toHaveLength(1);
  });

  test('writes only to volumes, and each volume is mounted by one service', () => {
    const mounts = services.flatMap(([name, { volumes = [] }]) =>
      volumes
        .filter((volume) => !volume.startsWith('./'))
        .map((volume) => [interpolate(volume, {}).split(':')[0], name]),
    );
    expect(mounts.map(([volume]) => volume).sort()).toEqual(Object.keys(COMPOSE.volumes).sort());
  });

  test('has as an exception only what is still one', () => {
    for (const name of Object.keys({ ...WITHOUT_HEALTH, ...WRITABLE }))
      expect(COMPOSE.services).toHaveProperty(name);
    for (const name of Object.keys(WRITABLE)) expect(COMPOSE.services[name]!.secrets, name).toBeDefined();
    const readOnly = services.filter(([, { read_only, secrets }]) => read_only && secrets);
    expect(readOnly).toEqual([]);
  });
});

describe('the environment of our programs', () => {
  const set = services
    .filter(([, { build }]) => build)
    .flatMap(([, { environment = {} }]) => Object.keys(environment));

  test('has every setting of .env.example, and besides them only what is listed with a reason', () => {
    const elsewhere = Object.entries(NOT_OF_ENV_EXAMPLE).filter(([, { where }]) => where === 'compose');
    expect([...new Set(set)].sort()).toEqual([...ENV_EXAMPLE, ...elsewhere.map(([name]) => name)].sort());
  });

  test('has in the first lines of the file only names that the file reads', () => {
    const text = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
    const named = [...text.matchAll(/^# +echo "(\w+)=/gm)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(8);
    for (const name of named)
      expect(text, name).toMatch(new RegExp(`\\$\\{${name}:|environment: ${name}$`, 'm'));
  });
});

describe('the profile tls', () => {
  const { tls } = COMPOSE.services;
  const caddyfile = readFileSync(path.join(ROOT, COMPOSE.configs.caddyfile!.file), 'utf8');

  test('is the only service that other machines reach', () => {
    const published = services.flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, interpolate(port, {})] as const),
    );
    for (const [name, port] of published) expect(port.startsWith('127.0.0.1:'), port).toBe(name !== 'tls');
    expect(tls!.ports!.map((port) => interpolate(port, {}))).toEqual(['80:8080', '443:8443', '443:8443/udp']);
  });

  test('listens where ports 80 and 443 lead, and leads to services where they listen', () => {
    expect(caddyfile).toMatch(/^\thttp_port 8080$/m);
    expect(caddyfile).toMatch(/^\thttps_port 8443$/m);
    const leads = [...caddyfile.matchAll(/reverse_proxy ([\w-]+):(\d+)/g)].map(([, name, port]) => [
      name!,
      port!,
    ]);
    expect(leads.map(([name]) => name)).toEqual(['api', 'dashboard']);
    for (const [name, port] of leads) {
      expect(Object.values(COMPOSE.services[name!]!.environment!), name).toContain(port);
    }
  });

  test('gives the proxy every variable that its file reads', () => {
    const read = [...caddyfile.matchAll(/\{\$(\w+):/g)].map(([, name]) => name!);
    expect(read.sort()).toEqual(Object.keys(tls!.environment!).sort());
  });
});
