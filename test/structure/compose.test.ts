import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as api from '@carillon/api/config';
import { CHANNELS } from '@carillon/core/notification/channel';
import { databaseSettings } from '@carillon/core/program/database-settings';
import * as dashboard from '@carillon/dashboard/config';
import { parseAccounts } from '@carillon/providers/accounts/registry';
import { simulatorConfig } from '@carillon/simulator/config';
import * as worker from '@carillon/worker/config';
import { deliveredBy, ROLES } from '@carillon/worker/roles';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMPOSE, interpolate as withEnv } from '../deploy/compose/file.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** The layout of the OpenTelemetry Collector, as far as it is checked here. */
interface Collector {
  service: {
    extensions: string[];
    pipelines: { traces: Record<'receivers' | 'processors' | 'exporters', string[]> };
  };
  receivers: { otlp: { protocols: Record<'grpc' | 'http', { endpoint: string }> } };
  processors: object;
  exporters: { jaeger_storage_exporter: { trace_storage: string } };
  extensions: {
    jaeger_storage: { backends: object };
    jaeger_query: { storage: { traces: string }; http: { endpoint: string } };
    healthcheckv2: { http: { endpoint: string } };
  };
}
const compose = COMPOSE;
/** Those that run a program of this repository. */
const ours = Object.entries(compose.services).filter(
  ([, { build, command }]) => build && command?.[0] === 'node',
);
const NODE_ENV = /^ENV NODE_ENV=(\w+) PATH=/m.exec(text('Dockerfile'))?.[1];

/** Which variables a program knows, and the reading of them that its main does at boot. */
const PROGRAMS: Record<
  string,
  { knows: (name: string) => boolean; read(env: Record<string, string>): unknown }
> = {
  'apps/api/src/main.ts': { knows: (name) => name in api.configSchema.shape, read: api.readConfig },
  'apps/worker/src/main.ts': { knows: (name) => name in worker.configSchema.shape, read: worker.readConfig },
  'apps/dashboard/server/main.ts': {
    knows: (name) => name in dashboard.configSchema.shape,
    read: dashboard.readConfig,
  },
  'apps/simulator/src/main.ts': {
    knows: (name) => text('apps/simulator/src/config.ts').includes(name),
    read: simulatorConfig,
  },
  'db/migrate.ts': { knows: (name) => name in databaseSettings(), read: () => {} },
  'apps/admin/src/scheduled-backups.ts': {
    knows: (name) =>
      name in databaseSettings() || text('apps/admin/src/scheduled-backups.ts').includes(`${name}: `),
    read: () => {},
  },
};

const SCHEMAS: Record<string, { shape: object }> = {
  'apps/api/src/main.ts': api.configSchema,
  'apps/worker/src/main.ts': worker.configSchema,
  'apps/dashboard/server/main.ts': dashboard.configSchema,
};
/** The addresses of the services in this file, and the role of each worker: not user settings. */
const OF_THIS_FILE = /_(HOST|PORT)$|^(DATABASE_URL|REDIS_URL|PROVIDERS_FILE|WORKER_ROLES|API_URL)$/;

describe('docker-compose.yml', () => {
  it('starts every program', () => {
    expect(new Set(ours.map(([, { command }]) => command?.[1]))).toEqual(new Set(Object.keys(PROGRAMS)));
  });

  it.each(ours)('runs %s by a file that exists', (_name, { command }) => {
    expect(command?.[0]).toBe('node');
    expect(existsSync(path.join(ROOT, command?.[1] ?? ''))).toBe(true);
  });

  it.each(ours)('sets for %s only variables that its program knows', (_name, { command, environment }) => {
    const program = PROGRAMS[command?.[1] ?? ''];
    const unknown = Object.keys(environment ?? {}).filter((name) => !program?.knows(name));
    expect(unknown).toEqual([]);
  });

  it.each(ours)('passes to %s every setting that its program reads', (_name, { command, environment }) => {
    const schema = SCHEMAS[command?.[1] ?? ''];
    const given = environment ?? {};
    for (const key of Object.keys(schema?.shape ?? {})) {
      expect(Object.keys(given)).toContain(key);
      if (!OF_THIS_FILE.test(key)) expect(given[key], `${key} comes from .env`).toContain(`\${${key}:`);
    }
  });

  it('lets a scraper in its network reach the metrics of every program that has some, and publishes no port of a worker', () => {
    const measured = ours.filter(
      ([, { command }]) => 'METRICS_TOKEN' in (SCHEMAS[command?.[1] ?? '']?.shape ?? {}),
    );
    expect(measured.map(([name]) => name)).toEqual([
      'api',
      'worker-critical',
      'worker',
      'worker-bulk',
      'dashboard',
    ]);
    for (const [name, { environment, ports }] of measured) {
      expect(environment?.API_HOST ?? environment?.WORKER_HOST ?? environment?.DASHBOARD_HOST, name).toBe(
        '0.0.0.0',
      );
      if (name.startsWith('worker')) expect(ports, name).toBeUndefined();
    }
  });

  it.each(ours)('gives %s a configuration that boots in production', (_name, { command, environment }) => {
    const env = Object.fromEntries(
      Object.entries(environment ?? {}).map(([name, value]) => [name, interpolate(String(value))]),
    );
    expect(NODE_ENV).toBe('production');
    expect(() => PROGRAMS[command?.[1] ?? '']?.read({ ...env, NODE_ENV: 'production' })).not.toThrow();
  });

  it('has every role of a worker in some process, and critical deliveries in one of their own', () => {
    const roles = ours
      .filter(([, { environment }]) => environment?.WORKER_ROLES)
      .map(([, { environment }]) => worker.configSchema.shape.WORKER_ROLES.parse(environment!.WORKER_ROLES));
    expect(new Set(roles.flat())).toEqual(new Set(ROLES));
    expect(roles.map(deliveredBy)).toContainEqual(['critical']);
  });

  it('runs a Redis that keeps what it was given', () => {
    const command = compose.services.redis?.command ?? [];
    const option = (name: string) => command[command.indexOf(`--${name}`) + 1];
    expect(option('appendonly')).toBe('yes');
    expect(option('requirepass')).toMatch(/^\$\{REDIS_PASSWORD:\?/);
    expect(option('maxmemory-policy')).toBe('noeviction');
  });

  it('restarts and checks every long-running program', () => {
    const lasting = Object.entries(compose.services).filter(([name]) => name !== 'migrate');
    expect(lasting.filter(([, { restart }]) => restart !== 'unless-stopped')).toEqual([]);
    expect(lasting.filter(([, { healthcheck }]) => !healthcheck)).toEqual([]);
    for (const [name, { build, environment, healthcheck }] of lasting) {
      if (!build || name === 'tls') continue;
      const port = /127\.0\.0\.1:(\d+)/.exec(healthcheck?.test.join(' ') ?? '')?.[1];
      if (port) expect(Object.values(environment ?? {}), `${name} is asked on a port it has`).toContain(port);
    }
  });

  describe('the profile observe', () => {
    const observe = Object.entries(compose.services).filter(([, { profiles }]) =>
      profiles?.includes('observe'),
    );
    const scraped = parse(text('deploy/prometheus/prometheus.yml')) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const collector = parse(text('deploy/jaeger/config.yaml')) as Collector;

    it('has Prometheus, Grafana and a collector with a page for traces, each of an exact version', () => {
      expect(observe.map(([name]) => name)).toEqual(['prometheus', 'grafana', 'jaeger']);
      for (const [name, { image }] of observe) expect(image, name).toMatch(/^[\w/]+:v?\d+\.\d+\.\d+$/);
    });

    it('publishes its pages on this machine only', () => {
      const published = observe.flatMap(([, { ports = [] }]) => ports.map(interpolate));
      expect(published).toHaveLength(3);
      for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      const all = Object.values(compose.services).flatMap(({ ports = [] }) => ports.map(interpolate));
      expect(new Set(all.map((port) => port.split(':')[1])).size).toBe(all.length);
    });

    it('gives each service files that exist, and secrets from .env', () => {
      for (const [name, { configs = [], secrets = [], volumes = [] }] of observe) {
        for (const { source } of configs) {
          expect(existsSync(path.join(ROOT, compose.configs[source]?.file ?? '-')), `${name} ${source}`).toBe(
            true,
          );
        }
        for (const place of volumes.filter((volume) => volume.startsWith('./'))) {
          expect(existsSync(path.join(ROOT, place.split(':')[0]!)), `${name} ${place}`).toBe(true);
        }
        for (const secret of secrets) {
          const { environment } = compose.secrets[typeof secret === 'string' ? secret : secret.source]!;
          expect(['METRICS_TOKEN', 'GRAFANA_PASSWORD']).toContain(environment);
        }
      }
    });

    it('scrapes every process of the API, the workers and the dashboard where it listens', () => {
      const listens = ours.flatMap(([name, { environment = {} }]) =>
        ['api', 'worker', 'dashboard']
          .filter((program) => `${program.toUpperCase()}_PORT` in environment)
          .map((program) => `carillon-${program} ${name}:${environment[`${program.toUpperCase()}_PORT`]}`),
      );
      const targets = scraped.scrape_configs.flatMap(({ job_name, static_configs }) =>
        static_configs.flatMap((each) => each.targets.map((target) => `${job_name} ${target}`)),
      );
      expect(listens).toHaveLength(5);
      expect(targets.toSorted()).toEqual(listens.sort());
    });

    it('receives traces at the address that its first lines name', () => {
      const [, name, port] = /^# +echo "OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/([\w-]+):(\d+)"/m.exec(
        text('docker-compose.yml'),
      )!;
      expect(compose.services).toHaveProperty(name!);
      expect(collector.receivers.otlp.protocols.http.endpoint).toBe(`0.0.0.0:${port}`);
      const published = compose.services[name!]!.ports!.map((each) => each.split(':').at(-1));
      expect(collector.extensions.jaeger_query.http.endpoint).toBe(`0.0.0.0:${published[0]}`);
      expect(compose.services[name!]!.healthcheck!.test.join(' ')).toContain(
        collector.extensions.healthcheckv2.http.endpoint.replace('0.0.0.0', '127.0.0.1'),
      );
    });

    it('has a collector whose pipeline uses what the file defines, and nothing else', () => {
      const { receivers, processors, exporters } = collector.service.pipelines.traces;
      expect(receivers).toEqual(Object.keys(collector.receivers));
      expect(processors).toEqual(Object.keys(collector.processors));
      expect(exporters).toEqual(Object.keys(collector.exporters));
      expect(collector.service.extensions).toEqual(Object.keys(collector.extensions));
      const stores = Object.keys(collector.extensions.jaeger_storage.backends);
      expect([collector.exporters.jaeger_storage_exporter.trace_storage]).toEqual(stores);
      expect([collector.extensions.jaeger_query.storage.traces]).toEqual(stores);
    });

    it('is where Grafana looks', () => {
      const { datasources } = parse(text('deploy/grafana/provisioning/datasources/carillon.yaml')) as {
        datasources: { url: string }[];
      };
      expect(datasources.map(({ url }) => url)).toEqual(['http://prometheus:9090', 'http://jaeger:16686']);
      const { providers } = parse(text('deploy/grafana/provisioning/dashboards/carillon.yaml')) as {
        providers: { options: { path: string } }[];
      };
      expect(compose.services.grafana!.volumes).toContain(
        `./deploy/grafana/dashboards:${providers[0]!.options.path}:ro`,
      );
    });

    it('leaves traces off where nobody asks for it', () => {
      for (const [name, { environment = {} }] of ours) {
        const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
        if (endpoint !== undefined) expect(interpolate(endpoint), name).toBe('');
      }
    });
  });

  it('migrates before anything looks at the database', () => {
    const users = ours.filter(([name, { environment }]) => name !== 'migrate' && environment?.DATABASE_URL);
    for (const [, { depends_on }] of users) {
      expect(depends_on?.migrate).toEqual({ condition: 'service_completed_successfully' });
    }
  });

  it('holds no password', () => {
    const values = [...JSON.stringify(compose).matchAll(/(postgres|redis):\/\/\w*:(.*?)@/g)];
    expect(new Set(values.map(([, kind]) => kind))).toEqual(new Set(['postgres', 'redis']));
    for (const [, kind, value] of values) expect(value).toContain(`${kind?.toUpperCase()}_PASSWORD:?`);
  });

  it('has no provider accounts unless PROVIDERS_FILE names some: none for a simulator that does not run', () => {
    const file = text(interpolate(compose.configs.providers?.file ?? ''));
    expect(parseAccounts(file)).toEqual({ accounts: [] });
  });

  it('has accounts of every channel for its simulator, which lead to it', () => {
    const accounts = parseAccounts(text('deploy/compose/simulator-providers.json'));
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

/** With an `.env` that has what must be set. */
const interpolate = (value: string): string =>
  withEnv(value, {
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    POSTGRES_PASSWORD: '5f2c8f0e6a1b4c7d9e3f5f2c8f0e6a1b4c7d9e3f',
    REDIS_PASSWORD: '5f2c8f0e6a1b4c7d9e3f5f2c8f0e6a1b4c7d9e3f',
  });
