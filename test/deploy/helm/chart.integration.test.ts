import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as api from '@carillon/api/config';
import * as dashboard from '@carillon/dashboard/config';
import * as worker from '@carillon/worker/config';
import { deliveredBy, ROLES } from '@carillon/worker/roles';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../alert-rules.ts';
import { DECIDED_BY_CHART, ENV_EXAMPLE, NOT_OF_ENV_EXAMPLE } from '../settings-elsewhere.ts';
import { CHART, findHelm, helmAt, type KubernetesObject } from './helm.ts';
import { schemaFaults, typeFaults } from './kubernetes-schema.ts';
import {
  chooses,
  containers,
  environmentOf,
  type Labels,
  ofKind,
  VALUE_SETS,
  type Workload,
  workloads,
} from './objects.ts';

/**
 * The chart, rendered by helm with every set of values in deploy/helm/ci. No cluster is here: that Kubernetes takes the
 * objects is tested by its own schemas and types, and that the programs boot by their own reading of the environment.
 */
const found = findHelm();
if ('missing' in found) console.warn(`deploy/helm is not rendered: ${found.missing}`);
const helm = helmAt('program' in found ? found.program : '');
afterAll(() => helm.close());
const rendered = new Map(
  'program' in found ? VALUE_SETS.map(([name, file]) => [name, helm.render('-f', file)]) : [],
);
const everySet = [...rendered];

const MAIN: Readonly<
  Record<string, { configSchema: { shape: object }; readConfig(env: Record<string, string>): unknown }>
> = {
  'apps/api/src/main.ts': api,
  'apps/worker/src/main.ts': worker,
  'apps/dashboard/server/main.ts': dashboard,
};
const SECRETS: Readonly<Record<string, string>> = {
  DATABASE_URL: `postgres://carillon:${randomBytes(20).toString('hex')}@postgres:5432/carillon`,
  DATABASE_DIRECT_URL: `postgres://carillon:${randomBytes(20).toString('hex')}@primary:5432/carillon`,
  DATABASE_REPLICA_URL: `postgres://carillon:${randomBytes(20).toString('hex')}@replica:5432/carillon`,
  REDIS_URL: `redis://:${randomBytes(20).toString('hex')}@redis:6379`,
  ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  METRICS_TOKEN: randomBytes(20).toString('hex'),
  SENTRY_DSN: 'https://abc@errors.acme.example/1',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=abc',
};
const secret = (name: string): string => SECRETS[name]!;
const rolesOf = (objects: readonly KubernetesObject[]): string[] =>
  containers(objects).flatMap(([, { env = [] }]) =>
    env.flatMap(({ name, value }) => (name === 'WORKER_ROLES' ? [value!] : [])),
  );

describe.skipIf('missing' in found)('the chart', () => {
  test.each(VALUE_SETS)('is linted with the values %s', (_name, file) => {
    const { status, output } = helm.run('lint', '--strict', '.', '-f', file);
    expect(output).not.toMatch(/\[(WARNING|ERROR)\]/);
    expect(status, output).toBe(0);
  });

  test.each(everySet)(
    'has only objects that Kubernetes and the operators take (%s)',
    async (_name, objects) => {
      expect(await schemaFaults(objects)).toEqual([]);
      expect(objects.length).toBeGreaterThan(15);
    },
  );

  test('has only fields that exist', () => {
    expect(typeFaults(everySet.flatMap(([, objects]) => objects))).toEqual([]);
  });

  test.each(everySet)(
    'gives every object a name of its own, which is short enough (%s)',
    (_name, objects) => {
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { metadata } of objects) expect(metadata.name).toMatch(/^[a-z0-9-]{1,63}$/);
    },
  );

  test('has no template that no set of values renders', () => {
    const outputs = VALUE_SETS.map(([, file]) => helm.run('template', 'shop', '.', '-f', file).output).join(
      '\n',
    );
    const templates = readdirSync(path.join(CHART, 'templates')).filter((file) => file.endsWith('.yaml'));
    expect(templates.length).toBeGreaterThan(8);
    expect(templates.filter((file) => !outputs.includes(`# Source: carillon/templates/${file}`))).toEqual([]);
  });

  test('keeps names within the bound, however long the name of the release is', () => {
    const [, file] = VALUE_SETS.find(([name]) => name === 'split-roles')!;
    const long = helm.render('-f', file, '--set', `fullnameOverride=${'a'.repeat(40)}`);
    for (const { metadata } of long) expect(metadata.name).toMatch(/^[a-z0-9-]{1,63}$/);
  });
});

describe.skipIf('missing' in found).each(everySet)('pods of the chart (%s)', (_name, objects) => {
  test('run as an ordinary user who can neither gain rights nor write outside of /tmp', () => {
    expect(containers(objects).length).toBeGreaterThanOrEqual(6);
    for (const [name, container, pod] of containers(objects)) {
      expect(pod.securityContext, name).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(container.securityContext, name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      });
      const writable = pod.volumes
        .filter(({ secret, configMap }) => !secret && !configMap)
        .map((each) => each.name);
      const places = container.volumeMounts.filter((mount) => writable.includes(mount.name));
      expect(
        places.map(({ mountPath }) => mountPath),
        name,
      ).toEqual(['/tmp']);
    }
  });

  test('get no token of the cluster, and no variables of services that could be read as settings', () => {
    for (const { spec } of workloads(objects)) {
      expect(spec.template.spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
      });
    }
  });

  test('say what they need, and are bounded in memory', () => {
    for (const [name, { resources }] of containers(objects)) {
      expect(Object.keys(resources.requests ?? {}), name).toEqual(['cpu', 'memory']);
      expect(resources.limits?.memory, name).toMatch(/^\d+[MG]i$/);
    }
  });

  test('mount only volumes that they have', () => {
    for (const [name, { volumeMounts }, { volumes }] of containers(objects)) {
      expect(volumeMounts.map((each) => each.name).sort(), name).toEqual(
        volumes.map((each) => each.name).sort(),
      );
    }
  });

  test('run a program of the image, with the environment that it boots with in production', () => {
    const problems = containers(objects).flatMap(([name, container]) =>
      environmentFaults(name, container.command, environmentOf(container, objects, secret)),
    );
    expect(problems).toEqual([]);
  });

  test('are watched: started slowly, alive by /healthz, ready by /readyz', () => {
    for (const { spec } of ofKind<Workload>(objects, 'Deployment')) {
      const [container] = spec.template.spec.containers;
      const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
      expect(probes.map((probe) => container![probe]!.httpGet)).toEqual([
        { path: '/healthz', port: 'http' },
        { path: '/healthz', port: 'http' },
        { path: '/readyz', port: 'http' },
      ]);
      expect(container!.ports!.map(({ name }) => name)).toEqual(['http']);
    }
  });

  test('listen where they are asked', () => {
    for (const { metadata, spec } of ofKind<Workload>(objects, 'Deployment')) {
      const [container] = spec.template.spec.containers;
      const env = environmentOf(container!, objects, secret);
      const prefix = container!.name.toUpperCase();
      expect(env[`${prefix}_PORT`], metadata.name).toBe(String(container!.ports![0]!.containerPort));
      expect(env[`${prefix}_HOST`], metadata.name).toBe('0.0.0.0');
    }
  });

  test('have longer to stop than they drain', () => {
    for (const [name, container, pod] of containers(objects)) {
      const env = environmentOf(container, objects, secret);
      const grace = pod.terminationGracePeriodSeconds ?? 30;
      const own = MAIN[container.command[1]!]?.readConfig({ ...env, NODE_ENV: 'production' }) as
        | { WORKER_DRAIN_SECONDS?: number; API_DRAIN_SECONDS?: number }
        | undefined;
      if (own?.WORKER_DRAIN_SECONDS) expect(grace, name).toBeGreaterThanOrEqual(own.WORKER_DRAIN_SECONDS + 5);
      // Requests have 10 seconds after the port has closed.
      if (own?.API_DRAIN_SECONDS) expect(grace, name).toBeGreaterThanOrEqual(own.API_DRAIN_SECONDS + 15);
    }
  });

  test('serve every role, each in the environment of one worker or more', () => {
    const roles = rolesOf(objects).map((text) => worker.configSchema.shape.WORKER_ROLES.parse(text));
    expect(new Set(roles.flat())).toEqual(new Set(ROLES));
    expect(roles.map(deliveredBy)).toContainEqual(['critical']);
  });

  test('are replaced when a setting changes, and only then', () => {
    const marks = ofKind<Workload>(objects, 'Deployment').map(
      ({ spec }) => spec.template.metadata.annotations?.['checksum/settings'],
    );
    expect(new Set(marks).size).toBe(1);
    expect(marks[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe.skipIf('missing' in found).each(everySet)('what belongs to the pods (%s)', (_name, objects) => {
  const pods = workloads(objects).map(({ spec }) => spec.template.metadata.labels);
  const deployments = ofKind<Workload>(objects, 'Deployment');
  const counts = (selector: Labels) => pods.filter((labels) => chooses(selector, labels)).length;

  test('Deployments, Services and disruption budgets choose the pods of exactly one program', () => {
    const services = ofKind<KubernetesObject & { spec: { selector: Labels } }>(objects, 'Service');
    const budgets = ofKind<Workload & { spec: { maxUnavailable: number } }>(objects, 'PodDisruptionBudget');
    expect(services).toHaveLength(deployments.length);
    expect(budgets).toHaveLength(deployments.length);
    for (const { spec } of services) expect(counts(spec.selector)).toBe(1);
    for (const { spec } of budgets) expect(spec.maxUnavailable).toBe(1);
    for (const { spec } of [...deployments, ...budgets]) expect(counts(spec.selector!.matchLabels)).toBe(1);
  });

  test('selectors hold nothing that a new release changes', () => {
    const selectors = JSON.stringify(deployments.map(({ spec }) => spec.selector));
    expect(selectors).not.toMatch(/version|chart/);
  });

  test('pods of a program spread over zones and nodes', () => {
    for (const { spec } of deployments) {
      const spread = spec.template.spec.topologySpreadConstraints!;
      expect(spread.map(({ topologyKey }) => topologyKey)).toEqual([
        'topology.kubernetes.io/zone',
        'kubernetes.io/hostname',
      ]);
      for (const { labelSelector } of spread) {
        expect(chooses(labelSelector.matchLabels, spec.template.metadata.labels)).toBe(true);
      }
    }
  });

  test('a Deployment that something scales has no number of replicas, and every other has one', () => {
    type Scaler = KubernetesObject & { spec: { scaleTargetRef: { name: string } } };
    const scaled = ofKind<Scaler>(objects, 'HorizontalPodAutoscaler', 'ScaledObject').map(
      ({ spec }) => spec.scaleTargetRef.name,
    );
    const open = deployments
      .filter(({ spec }) => spec.replicas === undefined)
      .map(({ metadata }) => metadata.name);
    expect(scaled.sort()).toEqual(open.sort());
  });

  test('no Secret is rendered, and no secret stands in the environment in clear', () => {
    expect(ofKind(objects, 'Secret')).toEqual([]);
    const settings = containers(objects).flatMap(([, { env = [] }]) => env);
    const clear = settings.filter(({ name, value }) => name in SECRETS && value !== undefined);
    expect(clear).toEqual([]);
    for (const { valueFrom } of settings.filter(({ name }) => name in SECRETS)) {
      expect(valueFrom?.secretKeyRef.name).toMatch(/\S/);
    }
  });

  test('the migration runs before the rest and needs nothing of it', () => {
    const hooks = objects.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook']);
    expect(hooks).toEqual(ofKind(objects, 'Job'));
    const [job] = hooks as Workload[];
    expect(job!.metadata.annotations).toEqual({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    const pod = job!.spec.template.spec;
    const own = new Set(objects.map(({ metadata }) => metadata.name));
    expect(pod.restartPolicy).toBe('Never');
    expect(pod.containers[0]!.command).toEqual(['node', 'db/migrate.ts']);
    expect(pod.containers[0]!.envFrom).toBeUndefined();
    const needed = [pod.serviceAccountName, ...pod.volumes.map(({ configMap }) => configMap?.name)];
    expect(needed.filter((name) => name !== undefined && own.has(name))).toEqual([]);
  });
});

test.skipIf('missing' in found)('the alerts for the operator are those of deploy/prometheus', () => {
  const rules = ofKind<KubernetesObject & { spec: object }>(rendered.get('everything')!, 'PrometheusRule');
  const file = parse(readFileSync(path.join(ROOT, 'deploy/prometheus/alerts.yml'), 'utf8')) as object;
  expect(rules.map(({ spec }) => spec)).toEqual([file]);
});

describe.skipIf('missing' in found)('the environment', () => {
  const all = everySet.flatMap(([, objects]) =>
    containers(objects).flatMap(([, container]) => Object.keys(environmentOf(container, objects, secret))),
  );

  test('holds every setting of .env.example, and besides them only what is listed with a reason', () => {
    const ofChart = Object.entries(NOT_OF_ENV_EXAMPLE).filter(([, { where }]) => where === 'chart');
    const expected = [...ENV_EXAMPLE, ...ofChart.map(([name]) => name)];
    expect([...new Set(all)].sort()).toEqual(expected.sort());
  });

  test('has numbers as they were written', () => {
    const { data } = ofKind<KubernetesObject & { data: Labels }>(
      rendered.get('everything')!,
      'ConfigMap',
    )[0]!;
    expect(data).toMatchObject({
      RATE_LIMIT_PER_SECOND: '10000000',
      OTEL_BSP_MAX_QUEUE_SIZE: '1000000',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      WEBHOOKS_ALLOW_PRIVATE: 'true',
      OTEL_SDK_DISABLED: 'false',
    });
    const values = parse(readFileSync(VALUE_SETS.find(([name]) => name === 'everything')![1], 'utf8')) as {
      settings: Record<string, unknown>;
    };
    for (const [name, value] of Object.entries(values.settings)) expect(data[name], name).toBe(String(value));
    expect(Object.keys(data).filter((name) => name in DECIDED_BY_CHART)).toEqual(['NODE_ENV']);
  });

  test('gives the workers the roles that docker compose gives them', () => {
    const compose = parse(readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      services: Record<string, { environment?: { WORKER_ROLES?: string } }>;
    };
    const ofCompose = Object.values(compose.services).flatMap(
      ({ environment }) => environment?.WORKER_ROLES ?? [],
    );
    expect(rolesOf(rendered.get('minimal')!).sort()).toEqual(ofCompose.sort());
  });
});

describe.skipIf('missing' in found)('these checks notice', () => {
  const minimal = () => structuredClone(rendered.get('minimal')!);
  const aDeployment = (objects: KubernetesObject[]) => ofKind<Workload>(objects, 'Deployment')[0]!;

  test('a field with a typing error', () => {
    const objects = minimal();
    Object.assign(aDeployment(objects).spec.template.spec.containers[0]!.securityContext, {
      runAsNonRooot: true,
    });
    expect(typeFaults(objects).join()).toContain('runAsNonRooot"\' does not exist');
  });

  test('a value of the wrong type', async () => {
    const objects = minimal();
    Object.assign(aDeployment(objects).spec, { replicas: 'two' });
    expect(await schemaFaults(objects)).toEqual([expect.stringMatching(/replicas.*(integer|number)/)]);
    expect(typeFaults(objects)).not.toEqual([]);
  });

  test('an unknown setting, and one that the program refuses', () => {
    const [name, container] = containers(rendered.get('minimal')!).find(([each]) => each.endsWith('-bulk'))!;
    const env = environmentOf(container, rendered.get('minimal')!, secret);
    const faults = (more: object) => environmentFaults(name, container.command, { ...env, ...more });
    expect(faults({})).toEqual([]);
    expect(faults({ WORKER_PRIORITY: 'bulk' })).toEqual([`${name}: nothing reads WORKER_PRIORITY`]);
    expect(faults({ WORKER_ROLES: 'deliver:slow' })).toEqual([
      expect.stringContaining('WORKER_ROLES="deliver:slow"'),
    ]);
  });
});

/** What is wrong with the environment of a container: names that no program reads, and what its program refuses. */
function environmentFaults(name: string, command: string[], env: Record<string, string>): string[] {
  const shapes = Object.values(MAIN).map(({ configSchema }) => configSchema.shape);
  const unread = Object.keys(env).filter(
    (key) => !(key in NOT_OF_ENV_EXAMPLE) && !shapes.some((shape) => key in shape),
  );
  const main = MAIN[command[1]!];
  const refused: string[] = [];
  try {
    if (command[0] !== 'node') refused.push(`${name} is started by ${command[0]}`);
    if (main) main.readConfig({ ...env, NODE_ENV: 'production' });
    else if (command[1] !== 'db/migrate.ts')
      refused.push(`${name} starts ${command[1]}, which is no program`);
    else if (!env.DATABASE_URL) refused.push(`${name} has no DATABASE_URL`);
  } catch (error) {
    refused.push(`${name}: ${(error as Error).message}`);
  }
  return [...unread.map((key) => `${name}: nothing reads ${key}`), ...refused];
}
