import { readdirSync } from 'node:fs';
import path from 'node:path';
import { CHART, type KubernetesObject } from './helm.ts';

/** The objects of the chart, as far as tests look into them. */
export interface Container {
  name: string;
  command: string[];
  env?: {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef: { name: string; key: string; optional?: boolean } };
  }[];
  envFrom?: { configMapRef: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  resources: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext: Record<string, unknown>;
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  lifecycle?: { preStop: { exec: { command: string[] } } };
  [probe: `${string}Probe`]: { httpGet: { path: string; port: string } };
}
export interface PodSpec {
  automountServiceAccountToken: boolean;
  enableServiceLinks: boolean;
  serviceAccountName?: string;
  terminationGracePeriodSeconds?: number;
  restartPolicy?: string;
  securityContext: Record<string, unknown>;
  topologySpreadConstraints?: { topologyKey: string; labelSelector: { matchLabels: Labels } }[];
  containers: Container[];
  initContainers?: Container[];
  volumes: { name: string; emptyDir?: object; secret?: object; configMap?: { name: string } }[];
}
export type Labels = Record<string, string>;
export interface Workload extends KubernetesObject {
  spec: {
    replicas?: number;
    selector?: { matchLabels: Labels };
    template: { metadata: { labels: Labels; annotations?: Labels }; spec: PodSpec };
  };
}

/** The sets of values that every test of the chart renders: those that the chart ships as examples. */
export const VALUE_SETS: readonly [name: string, file: string][] = readdirSync(path.join(CHART, 'ci')).map(
  (file) => [file.replace('-values.yaml', ''), path.join(CHART, 'ci', file)],
);

export const ofKind = <T = KubernetesObject>(objects: readonly KubernetesObject[], ...kinds: string[]): T[] =>
  objects.filter(({ kind }) => kinds.includes(kind)) as T[];

export const workloads = (objects: readonly KubernetesObject[]): Workload[] =>
  ofKind<Workload>(objects, 'Deployment', 'Job');

/** Every container with the names of its workload, those that run before the others included. */
export const containers = (objects: readonly KubernetesObject[]): [string, Container, PodSpec][] =>
  workloads(objects).flatMap(({ metadata, spec }) => {
    const pod = spec.template.spec;
    return [...(pod.initContainers ?? []), ...pod.containers].map(
      (container): [string, Container, PodSpec] => [metadata.name, container, pod],
    );
  });

/** Whether labels are chosen by a selector without expressions. */
export const chooses = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

/**
 * The environment of a container in the cluster: its ConfigMaps, its own values over them, and a text for every secret.
 *
 * @param secret what stands in for the secret of a name
 */
export function environmentOf(
  { env = [], envFrom = [] }: Container,
  objects: readonly KubernetesObject[],
  secret: (name: string) => string,
): Record<string, string> {
  const maps = ofKind<KubernetesObject & { data: Labels }>(objects, 'ConfigMap');
  const shared = envFrom.map(({ configMapRef }) => {
    const map = maps.find(({ metadata }) => metadata.name === configMapRef.name);
    if (!map) throw new Error(`no ConfigMap ${configMapRef.name}`);
    return map.data;
  });
  const own = env.map(({ name, value, valueFrom }) => [name, valueFrom ? secret(name) : (value ?? '')]);
  return Object.assign({}, ...shared, Object.fromEntries(own)) as Record<string, string>;
}
