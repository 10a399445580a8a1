import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unpackFromApt } from '@carillon/local/apt-package';
import { cacheDir } from '@carillon/local/layout';
import { freePort } from '@carillon/local/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { ROOT } from '../alert-rules.ts';
import { COMPOSE, interpolate } from './file.ts';

/**
 * The proxy of the profile `tls`: Caddy with the command, the environment and the Caddyfile of the project, for localhost,
 * in front of servers that say what reached them. Certificates of a public authority cannot be ordered here. It is the
 * Caddy of the distribution, older than that of the Dockerfile.
 */
function findCaddy(): string | null {
  for (const place of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    if (existsSync(path.join(place, 'caddy'))) return path.join(place, 'caddy');
  }
  const root = unpackFromApt(
    cacheDir,
    'caddy',
    { name: 'caddy', dependencies: false, title: 'Caddy' },
    () => {},
  );
  return root && path.join(root, 'usr/bin/caddy');
}
const caddy = findCaddy();
if (!caddy) console.warn('the proxy is not started: no caddy on PATH, and none from a Debian mirror');

const { command, environment, healthcheck } = COMPOSE.services.tls!;
const dir = mkdtempSync(path.join(tmpdir(), 'carillon-proxy-'));
const caddyfile = path.join(dir, 'Caddyfile');
const env = Object.fromEntries(
  Object.entries(environment!).map(([key, value]) => [key, interpolate(value, {})]),
);
const own = {
  ...env,
  PATH: '/usr/bin',
  XDG_DATA_HOME: path.join(dir, 'data'),
  XDG_CONFIG_HOME: path.join(dir, 'config'),
};
/** As the account of the image where the tests run as root. */
const account = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

let child: ChildProcess;
let output = '';
const ports: Record<string, number> = {};
const servers: Server[] = [];

beforeAll(async () => {
  if (!caddy) return;
  for (const port of ['8080', '8443', '8081']) ports[port] = await freePort();
  let text = readFileSync(path.join(ROOT, COMPOSE.configs.caddyfile!.file), 'utf8');
  for (const upstream of ['api:3000', 'dashboard:3001']) {
    text = text.replace(`reverse_proxy ${upstream}`, `reverse_proxy 127.0.0.1:${await echoServer(upstream)}`);
  }
  for (const [port, here] of Object.entries(ports)) text = text.replaceAll(port, String(here));
  writeFileSync(caddyfile, text);
  chmodSync(dir, 0o755);
  for (const place of ['data', 'config']) {
    mkdirSync(path.join(dir, place));
    if (account.uid) chownSync(path.join(dir, place), account.uid, account.uid);
  }
  const args = command!.slice(1).map((part) => (part.endsWith('/Caddyfile') ? caddyfile : part));
  child = spawn(caddy, args, { env: own, cwd: dir, ...account, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout!.on('data', (chunk) => (output += chunk));
  child.stderr!.on('data', (chunk) => (output += chunk));
});
afterAll(async () => {
  child?.kill('SIGTERM');
  for (const server of servers) server.close();
  if (child && child.exitCode === null) await once(child, 'exit');
  rmSync(dir, { recursive: true, force: true });
});

/** Answers with what it was sent. */
async function echoServer(name: string): Promise<number> {
  const server = createServer(async (incoming, response) => {
    let length = 0;
    for await (const chunk of incoming) length += (chunk as Buffer).length;
    const { method, url, headers } = incoming;
    response.end(JSON.stringify({ name, method, url, headers, length }));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}
interface Echo {
  name: string;
  headers: Record<string, string>;
  length: number;
}
/** Asks the proxy by TLS, trusting only the authority that it made for localhost. */
const ask = (
  host: string,
  place: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const ca = readFileSync(path.join(own.XDG_DATA_HOME, 'caddy/pki/authorities/local/root.crt'));
    const options = {
      host: '127.0.0.1',
      port: ports['8443'],
      servername: host,
      ca,
      path: place,
      agent: false,
    };
    const sent = httpsRequest(
      { ...options, method: body ? 'POST' : 'GET', headers: { host, ...headers } },
      (response) => void answerOf(response).then(resolve, reject),
    );
    sent.on('error', reject);
    sent.end(body);
  });
const plainly = (port: string, place: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: ports[port],
      path: place,
      headers: { host: 'localhost' },
      agent: false,
    };
    // The health check asks by the address itself.
    if (port === '8081') options.headers.host = `127.0.0.1:${ports[port]}`;
    const sent = httpRequest(options, (response) => void answerOf(response).then(resolve, reject));
    sent.on('error', reject);
    sent.end();
  });
async function answerOf(response: IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode!, headers: response.headers, body };
}

describe.skipIf(!caddy)('the proxy', () => {
  test('has a file that Caddy accepts', () => {
    const args = ['validate', '--config', caddyfile, '--adapter', 'caddyfile'];
    // It makes an authority as well: not where the proxy keeps its own.
    const apart = { ...own, XDG_DATA_HOME: own.XDG_CONFIG_HOME };
    const { status, stderr } = spawnSync(caddy!, args, { env: apart, ...account, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    // Also with the domains of an installation.
    const domains = {
      API_DOMAIN: 'notify.acme.example',
      DASHBOARD_DOMAIN: 'dashboard.acme.example',
      ACME_EMAIL: 'you@acme.example',
    };
    const adapted = spawnSync(caddy!, ['adapt', ...args.slice(1)], {
      env: { ...own, ...domains },
      encoding: 'utf8',
    });
    for (const value of Object.values(domains)) expect(adapted.stdout).toContain(`"${value}"`);
  });

  test('gets healthy by the address of the check in docker-compose.yml', async () => {
    const url = new URL(healthcheck!.test.at(-1)!);
    await until(
      `the proxy to be healthy: ${output}`,
      async () => (await plainly(url.port, url.pathname)).status === 200,
    );
  });

  test('ends TLS for the API and for the dashboard, each by its name', async () => {
    const ofApi = await until('a certificate', () => ask('localhost', '/v1/notifications?limit=1'));
    expect(JSON.parse(ofApi.body)).toMatchObject({ name: 'api:3000', url: '/v1/notifications?limit=1' });
    expect(ofApi.headers['strict-transport-security']).toBe('max-age=31536000');
    const ofDashboard = await until('a certificate', () => ask('dashboard.localhost', '/login'));
    expect(JSON.parse(ofDashboard.body)).toMatchObject({ name: 'dashboard:3001', url: '/login' });
  });

  test('hands on the host and the caller, and not what the caller says of itself', async () => {
    const { body } = await ask('localhost', '/', { 'x-forwarded-for': '203.0.113.7' });
    expect((JSON.parse(body) as Echo).headers).toMatchObject({
      host: 'localhost',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
    });
  });

  test('lets a body of 5 MiB pass', async () => {
    const { body } = await ask('localhost', '/v1/notifications', {}, Buffer.alloc(5 * 1024 * 1024, 'a'));
    expect((JSON.parse(body) as Echo).length).toBe(5 * 1024 * 1024);
  });

  test('does not show metrics to the outside', async () => {
    expect(await ask('localhost', '/metrics')).toMatchObject({ status: 404, body: '' });
    expect(await ask('dashboard.localhost', '/metrics')).toMatchObject({ status: 404, body: '' });
  });

  test('redirects plain HTTP to the port of TLS', async () => {
    const { status, headers } = await plainly('8080', '/docs');
    expect(status).toBe(308);
    expect(headers.location).toBe('https://localhost/docs');
  });

  test.runIf(account.uid)('runs as an ordinary user', () => {
    expect(readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^Uid:\s+1000\s+1000/m);
  });
});
