import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';

/**
 * What helm needs of the API server of Kubernetes: it stores objects, lists and watches them, and ends Jobs as the test says.
 * It checks and runs nothing. It is for the order in which helm applies the chart; no cluster is here.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export interface StandIn {
  url: string;
  /** What helm changed, in its order: `create Job shop-carillon-migration`. Secrets of helm itself are left out. */
  changes: string[];
  /** How Jobs end that are created from now on. */
  jobsEnd(how: 'Complete' | 'Failed'): void;
  stop(): void;
}

interface Stored {
  apiVersion: string;
  kind: string;
  metadata: Record<string, unknown> & { name: string; labels?: Record<string, string> };
  [part: string]: unknown;
}

/** The kinds of the chart, and Secrets, in which helm keeps its releases. */
const RESOURCES: Readonly<Record<string, readonly [resource: string, kind: string][]>> = {
  v1: [
    ['configmaps', 'ConfigMap'],
    ['secrets', 'Secret'],
    ['services', 'Service'],
    ['pods', 'Pod'],
  ],
  'apps/v1': [['deployments', 'Deployment']],
  'batch/v1': [['jobs', 'Job']],
  'policy/v1': [['poddisruptionbudgets', 'PodDisruptionBudget']],
};

export async function kubernetesStandIn(): Promise<StandIn> {
  const objects = new Map<string, Stored>();
  const watches = new Set<{
    collection: string;
    matches(object: Stored): boolean;
    response: ServerResponse;
  }>();
  const changes: string[] = [];
  let version = 1;
  let jobEnd: 'Complete' | 'Failed' = 'Complete';

  const note = (verb: string, { kind, metadata }: Stored): void => {
    if (kind !== 'Secret') changes.push(`${verb} ${kind} ${metadata.name}`);
  };
  const announce = (type: string, place: string, object: Stored): void => {
    for (const { collection, matches, response } of watches) {
      if (place.startsWith(`${collection}/`) && matches(object))
        response.write(`${JSON.stringify({ type, object })}\n`);
    }
  };
  const store = (place: string, object: Stored): Stored => {
    const before = objects.get(place);
    version += 1;
    const uid = before?.metadata.uid ?? `uid-${version}`;
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(version) } };
    objects.set(place, stored);
    announce(before ? 'MODIFIED' : 'ADDED', place, stored);
    return stored;
  };
  const endJob = (place: string, job: Stored): void => {
    const conditions = [{ type: jobEnd, status: 'True', reason: 'Ended', message: `the Job is ${jobEnd}` }];
    const counts = jobEnd === 'Complete' ? { succeeded: 1 } : { failed: 1 };
    store(place, { ...job, status: { conditions, ...counts, startTime: '2026-01-01T00:00:00Z' } });
  };

  const change = (method: string, place: string, body: Stored): Stored => {
    const target = method === 'POST' ? `${place}/${body.metadata.name}` : place;
    const isNew = !objects.has(target);
    const stored = store(target, { ...objects.get(target), ...body });
    note(isNew ? 'create' : 'change', stored);
    if (stored.kind === 'Job' && isNew) endJob(target, stored);
    return stored;
  };

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://stand-in');
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const discovered = discovery(pathname);
    if (discovered) return answer(200, discovered);
    const found = objects.get(pathname);
    if (request.method === 'POST' || request.method === 'PATCH' || request.method === 'PUT') {
      return answer(200, change(request.method, pathname, parse(await textOf(request)) as Stored));
    }
    if (request.method === 'DELETE' && found) {
      objects.delete(pathname);
      note('delete', found);
      announce('DELETED', pathname, found);
      return answer(200, { kind: 'Status', apiVersion: 'v1', status: 'Success' });
    }
    if (found) return answer(200, found);
    const resource = resourceOf(pathname);
    if (!resource)
      return answer(404, {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        reason: 'NotFound',
        code: 404,
      });
    const matches = selection(searchParams);
    const [apiVersion, kind] = resource;
    const items = [...objects]
      .filter(([place, object]) => place.startsWith(`${pathname}/`) && matches(object))
      .map(([, object]) => object);
    if (searchParams.get('watch') !== null) {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (const object of items) response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
      response.write(
        `${JSON.stringify({ type: 'BOOKMARK', object: endOfInitial(apiVersion, kind, version) })}\n`,
      );
      const watch = { collection: pathname, matches, response };
      watches.add(watch);
      response.on('close', () => watches.delete(watch));
      return;
    }
    const metadata = { resourceVersion: String(version) };
    return answer(200, {
      kind: `${kind}List`,
      apiVersion,
      metadata,
      items,
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    changes,
    jobsEnd: (how) => {
      jobEnd = how;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Ends what was there when a watch began, for clients that wait for it. */
const endOfInitial = (apiVersion: string, kind: string, version: number): object => ({
  apiVersion,
  kind,
  metadata: { resourceVersion: String(version), annotations: { 'k8s.io/initial-events-end': 'true' } },
});

/** What the server says of itself and of the kinds that it knows. */
function discovery(pathname: string): object | null {
  if (pathname === '/version') return { major: '1', minor: '35', gitVersion: 'v1.35.0' };
  if (pathname === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (pathname === '/apis') {
    const groups = Object.keys(RESOURCES)
      .filter((group) => group !== 'v1')
      .map((groupVersion) => {
        const [name, version] = groupVersion.split('/');
        return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
      });
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }
  if (pathname === '/openapi/v3') {
    const entries = Object.keys(RESOURCES).map((each) => {
      const place = `${each === 'v1' ? 'api' : 'apis'}/${each}`;
      return [place, { serverRelativeURL: `/openapi/v3/${place}` }];
    });
    return { paths: Object.fromEntries(entries) };
  }
  if (pathname.startsWith('/openapi/v3/'))
    return fieldValidation(pathname.replace(/^\/openapi\/v3\/apis?\//, ''));
  const groupVersion = pathname.replace(/^\/apis?\//, '');
  const resources = RESOURCES[groupVersion];
  if (!resources) return null;
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: resources.map(([name, kind]) => ({ name, kind, singularName: '', namespaced: true, verbs })),
  };
}

/** Of the kinds' descriptions only what helm looks for: that the server itself refuses unknown fields. */
function fieldValidation(groupVersion: string): object {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  const paths = (RESOURCES[groupVersion] ?? []).map(([name, kind]) => [
    `/${name}/{name}`,
    {
      patch: {
        parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
        responses: {},
        'x-kubernetes-group-version-kind': { group, version, kind },
      },
    },
  ]);
  return { openapi: '3.0.0', info: { title: 'stand-in', version: '1' }, paths: Object.fromEntries(paths) };
}

/** The version and the kind of a collection: `/apis/apps/v1/namespaces/acme/deployments`. */
function resourceOf(pathname: string): [apiVersion: string, kind: string] | null {
  const [, apiVersion, resource] =
    /^\/apis?\/((?:[\w.]+\/)?v1)\/namespaces\/[\w-]+\/(\w+)$/.exec(pathname) ?? [];
  const known = RESOURCES[apiVersion ?? '']?.find(([name]) => name === resource);
  return known ? [apiVersion!, known[1]] : null;
}

/** Labels and names by which a list is narrowed. */
function selection(query: URLSearchParams): (object: Stored) => boolean {
  const wanted = (query.get('labelSelector') ?? '')
    .split(',')
    .filter(Boolean)
    .map((each) => each.split('='));
  const name = /metadata\.name=([\w-]+)/.exec(query.get('fieldSelector') ?? '')?.[1];
  return ({ metadata }) =>
    (name === undefined || metadata.name === name) &&
    wanted.every(([label, value]) => metadata.labels?.[label!] === value);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
