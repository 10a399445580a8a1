import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as api from '@carillon/api/config';
import { CHANNELS } from '@carillon/core/channel';
import { PRIORITIES } from '@carillon/core/priority';
import * as dashboard from '@carillon/dashboard/config';
import { parseAccounts } from '@carillon/providers/registry';
import { simulatorConfig } from '@carillon/providers/simulator/config';
import * as worker from '@carillon/worker/config';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = path.join(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

interface Service {
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  restart?: string;
  healthcheck?: { test: string[] };
}
const compose = parse(text('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  configs: Record<string, { file: string }>;
};
const ours = Object.entries(compose.services).filter(([, { build }]) => build);
const NODE_ENV = /^ENV NODE_ENV=(\w+)$/m.exec(text('Dockerfile'))?.[1];

/** Which variables a program knows, and the reading of them that its main does at boot. */
const PROGRAMS: Record<
  string,
  { knows: (name: string) => boolean; read(env: Record<string, string>): unknown }
> = {
  'apps/api/src/main.ts': { knows: (name) => name in api.configSchema.shape, read: api.readConfig },
  'apps/worker/src/main.ts': { knows: (name) => name in worker.configSchema.shape, read: worker.readConfig },
  'apps/dashboard/src/main.ts': {
    knows: (name) => name in dashboard.configSchema.shape,
    read: dashboard.readConfig,
  },
  'packages/providers/src/simulator/main.ts': {
    knows: (name) => text('packages/providers/src/simulator/config.ts').includes(name),
    read: simulatorConfig,
  },
  'db/migrate.ts': { knows: (name) => name === 'DATABASE_URL', read: () => {} },
};

describe('docker-compose.yml', () => {
  it('starts every one of our programs', () => {
    expect(new Set(ours.map(([, { command }]) => command?.[1]))).toEqual(new Set(Object.keys(PROGRAMS)));
  });

  it.each(ours)('runs %s by a file that exists', (_name, { command }) => {
    expect(command?.[0]).toBe('node');
    expect(existsSync(path.join(ROOT, command?.[1] ?? ''))).toBe(true);
  });

  it.each(ours)('sets for %s only variables that its program knows', (_name, { command, environment }) => {
    const program = PROGRAMS[command?.[1] ?? ''];
    expect(Object.keys(environment ?? {}).filter((name) => !program?.knows(name))).toEqual([]);
  });

  it.each(ours)('gives %s a configuration that boots in production', (_name, { command, environment }) => {
    const env = Object.fromEntries(
      Object.entries(environment ?? {}).map(([name, value]) => [name, interpolate(String(value))]),
    );
    expect(NODE_ENV).toBe('production');
    expect(() => PROGRAMS[command?.[1] ?? '']?.read({ ...env, NODE_ENV: 'production' })).not.toThrow();
  });

  it('drains every priority', () => {
    const priorities = ours.flatMap(
      ([, { environment }]) => environment?.WORKER_PRIORITIES?.split(',') ?? [],
    );
    expect(new Set(priorities)).toEqual(new Set(PRIORITIES));
  });

  it('runs a Redis that keeps what it was given', () => {
    const command = compose.services.redis?.command ?? [];
    const option = (name: string) => command[command.indexOf(`--${name}`) + 1];
    expect(option('appendonly')).toBe('yes');
    expect(option('maxmemory-policy')).toBe('noeviction');
  });

  it('looks after every program that should run for ever', () => {
    const lasting = Object.entries(compose.services).filter(([name]) => name !== 'migrate');
    expect(lasting.filter(([, { restart }]) => restart !== 'unless-stopped')).toEqual([]);
    expect(lasting.filter(([, { healthcheck }]) => !healthcheck)).toEqual([]);
    for (const [name, { environment, healthcheck }] of lasting) {
      const port = /127\.0\.0\.1:(\d+)/.exec(healthcheck?.test.join(' ') ?? '')?.[1];
      if (port) expect(Object.values(environment ?? {}), `${name} is asked on a port it has`).toContain(port);
    }
  });

  it('migrates before anything looks at the database', () => {
    const users = ours.filter(([name, { environment }]) => name !== 'migrate' && environment?.DATABASE_URL);
    for (const [, { depends_on }] of users) {
      expect(depends_on?.migrate).toEqual({ condition: 'service_completed_successfully' });
    }
  });

  it('holds no password', () => {
    for (const value of JSON.stringify(compose).matchAll(/postgres:\/\/carillon:(.*?)@/g)) {
      expect(value[1]).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    }
  });

  it('has provider accounts to begin with', () => {
    const accounts = parseAccounts(text(interpolate(compose.configs.providers?.file ?? '')));
    expect(accounts).not.toHaveProperty('problems');
    const channels = { resend: 'email', smtp: 'email', twilio: 'sms', generic: 'push', inbox: 'in_app' };
    const used = 'accounts' in accounts ? accounts.accounts : [];
    const served = used.map(({ provider }) => channels[provider as keyof typeof channels]);
    expect(new Set(served)).toEqual(new Set(CHANNELS));
    const hosts = [...JSON.stringify(used).matchAll(/https?:\/\/([\w.-]+)|"host":"([\w.-]+)"/g)];
    expect(
      hosts.map(([, inUrl, alone]) => inUrl ?? alone).filter((name) => !compose.services[name ?? '']),
    ).toEqual([]);
  });
});

describe('Dockerfile', () => {
  const lines = text('Dockerfile').split('\n');
  const manifests = ['apps', 'packages']
    .flatMap((group) => readdirSync(path.join(ROOT, group)).map((name) => `${group}/${name}`))
    .concat('db')
    .filter((place) => existsSync(path.join(ROOT, place, 'package.json')));

  it.each(manifests)('copies the manifest of %s before it installs', (place) => {
    const copied = lines.indexOf(`COPY ${place}/package.json ${place}/`);
    expect(copied).toBeGreaterThan(0);
    expect(copied).toBeLessThan(lines.findIndex((line) => line.startsWith('RUN npm ci')));
  });

  it('runs as an ordinary user', () => {
    const last = lines.findLastIndex((line) => /^(USER|RUN|COPY)/.test(line));
    expect(lines[last]).toBe('USER node');
  });

  it('uses the Node that the checkout is tested with', () => {
    const major = process.versions.node.split('.')[0];
    for (const line of lines.filter((each) => each.startsWith('FROM'))) {
      expect(line).toContain(`node:${major}-slim`);
    }
  });
});

/** What Compose makes of `${NAME:-default}` and `${NAME:?message}` when the user has set what must be set. */
function interpolate(value: string): string {
  return value
    .replace(/\$\{\w+:-([^}]*)\}/g, '$1')
    .replace(/\$\{ENCRYPTION_KEYS:\?[^}]*\}/g, `k1:${Buffer.alloc(32, 1).toString('base64')}`)
    .replace(/\$\{\w+:\?[^}]*\}/g, '5f2c8f0e6a1b4c7d9e3f5f2c8f0e6a1b4c7d9e3f');
}
