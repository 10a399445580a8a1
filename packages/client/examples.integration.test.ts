import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { signWebhook } from '@carillon/core/webhook/standard-webhook';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { type ServedApi, servedApi } from '../../test/support/served-api.ts';

/**
 * The package as users get it: packed by npm, installed from the tarball into another project (without a network: it
 * has no dependency), type-checked by tsc and run by plain Node. The examples of the README run there, against the real
 * API.
 */
const PACKAGE = import.meta.dirname;
const ROOT = path.join(PACKAGE, '../..');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let database: TestDatabase;
let api: ServedApi;
let home: string;
let project: string;
let tarball: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url);
  env = {
    CARILLON_URL: api.url,
    CARILLON_API_KEY: await api.key({ environment: 'test' }),
    CARILLON_WEBHOOK_SECRET: SECRET,
  };
  home = mkdtempSync(path.join(tmpdir(), 'carillon-client-'));
  project = path.join(home, 'project');
  await pack();
}, 120_000);
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await api.close();
  await database.drop();
});

interface Ended {
  code: number | null;
  out: string;
}

function run(
  command: string,
  args: string[],
  cwd: string,
  more: Record<string, string> = {},
): Promise<Ended> {
  const bin = path.join(ROOT, 'node_modules/.bin');
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: `${bin}${path.delimiter}${process.env.PATH}`,
      HOME: home,
      npm_config_update_notifier: 'false',
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (out += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
}

/** `npm pack` of a copy, so that nothing is written into the checkout; its build is the package's own. */
async function pack(): Promise<void> {
  const copy = path.join(home, 'checkout/packages/client');
  cpSync(PACKAGE, copy, { recursive: true, filter: (file) => !/(^|\/)(dist|node_modules)$/.test(file) });
  cpSync(path.join(ROOT, 'tsconfig.json'), path.join(home, 'checkout/tsconfig.json'));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(home, 'checkout/node_modules'));
  const packed = await run('npm', ['pack', '--pack-destination', home], copy);
  expect(packed.code, packed.out).toBe(0);
  const { version } = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8')) as {
    version: string;
  };
  tarball = path.join(home, `carillon-client-${version}.tgz`);
  mkdirSync(project);
  file('package.json', '{ "name": "of-a-user", "type": "module", "private": true }');
  const quiet = ['--no-audit', '--no-fund', '--loglevel', 'error'];
  const installed = await run('npm', ['install', '--offline', ...quiet, tarball], project);
  expect(installed.code, installed.out).toBe(0);
  symlinkSync(path.join(ROOT, 'node_modules/@types'), path.join(project, 'node_modules/@types'));
  symlinkSync(path.join(ROOT, 'node_modules/undici-types'), path.join(project, 'node_modules/undici-types'));
}

function file(name: string, text: string): string {
  const place = path.join(project, name);
  writeFileSync(place, text);
  return place;
}
const node = (name: string) => run(process.execPath, [name], project, env);

const examples = [
  ...readFileSync(path.join(PACKAGE, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g),
].map((match) => match[1]!);

describe('the examples of the README', () => {
  test('are three, and their types are correct for every module resolution', async () => {
    expect(examples).toHaveLength(3);
    for (const [at, example] of examples.entries()) file(`example-${at}.ts`, example);
    const names = examples.map((_, at) => `example-${at}.ts`);
    for (const resolution of [
      ['--module', 'nodenext'],
      ['--module', 'esnext', '--moduleResolution', 'bundler'],
    ]) {
      const options = [
        '--noEmit',
        '--ignoreConfig',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--skipLibCheck',
        'false',
      ];
      const checked = await run(
        'tsc',
        [...options, '--target', 'es2022', '--types', 'node', ...resolution, ...names],
        project,
      );
      expect(checked.out).toBe('');
    }
  });

  test('send: is accepted and looked up; the second time it is the same notification', async () => {
    file('send.ts', examples[0]!);
    const first = await node('send.ts');
    expect(first.out).toMatch(/^accepted ([0-9a-f-]{36})\npending \[ 'accepted' \]\n$/);
    const id = /accepted (\S+)/.exec(first.out)![1];
    expect((await node('send.ts')).out).toContain(`sent before ${id}`);
  });

  test('many at once: two are accepted, one is refused with its reason, the list shows the two', async () => {
    file('batch.ts', examples[1]!);
    const { out } = await node('batch.ts');
    expect(out).toMatch(/not an address refused .*"not an address" is not an e-mail address/);
    expect(out).toMatch(/accepted: 2,\s+replayed: 0,\s+refused: 1,\s+unknown: 0,\s+unsent: 0/);
    // Stored in one commit, so in either order.
    expect(out.trim().split('\n').slice(-2).sort()).toEqual([
      'ada@example.com pending',
      'grace@example.com pending',
    ]);
  });

  test('events: a signed one is received, a tampered one is answered 400', async () => {
    file('receive.ts', examples[2]!);
    const seconds = Math.floor(Date.now() / 1000);
    const data = {
      notification_id: 'n',
      channel: 'email',
      recipient_id: 'user_42',
      provider: 'p',
      at: 'x',
      permanent: true,
    };
    const body = JSON.stringify({ type: 'notification.bounced', timestamp: new Date().toISOString(), data });
    const headers = {
      'webhook-id': 'evt-1',
      'webhook-timestamp': String(seconds),
      'webhook-signature': signWebhook([SECRET], 'evt-1', seconds, body),
    };
    file(
      'post.ts',
      `import { receive } from './receive.ts';
const headers = ${JSON.stringify(headers)};
for (const body of [${JSON.stringify(body)}, ${JSON.stringify(body.replace('user_42', 'user_43'))}]) {
  const answer = await receive(new Request('http://hooks.test', { method: 'POST', headers, body }));
  console.log(answer.status, await answer.text());
}`,
    );
    expect((await node('post.ts')).out).toBe('user_42 is gone\n204 \n400 forged\n');
  });
});

describe('the package', () => {
  test('types are those of the API: a misspelt field does not compile', async () => {
    file(
      'wrong.ts',
      `import { Carillon } from 'carillon-client';
await new Carillon({ apiKey: 'k', baseUrl: 'http://x' }).notifications.send({ to: { email: 'a' }, chanel: 'email' });`,
    );
    const options = ['--noEmit', '--ignoreConfig', '--strict', '--target', 'es2022', '--module', 'nodenext'];
    const { code, out } = await run('tsc', [...options, '--types', 'node', 'wrong.ts'], project);
    expect(code).not.toBe(0);
    expect(out).toMatch(/wrong\.ts.*'chanel' does not exist in type 'SendRequest'/);
  });

  /**
   * Both call the API and check the class of an error, so the class and the code that throws it come from the same
   * module kind.
   */
  const USE = `
async function use({ Carillon, CarillonError }) {
  const carillon = new Carillon({ apiKey: process.env.CARILLON_API_KEY, baseUrl: process.env.CARILLON_URL });
  console.log((await carillon.templates.list().page()).data);
  await carillon.notifications
    .get('0b9d5cd8-5f0c-8f6e-9a55-3c7d0a9d1c11')
    .catch((error) => console.log(error instanceof CarillonError, error.code));
}
`;
  // As in Node 20, which cannot require ES modules.
  const WITHOUT_REQUIRE_OF_MODULES = '--no-experimental-require-module';

  test.each([
    ['require', 'old.cjs', `${USE}use(require('carillon-client'));`],
    ['a dynamic import of CommonJS', 'between.cjs', `${USE}import('carillon-client').then(use);`],
    ['import', 'new.mjs', `${USE}import * as client from 'carillon-client';\nawait use(client);`],
  ])('is used by %s', async (_, name, text) => {
    const { code, out } = await run(
      process.execPath,
      [WITHOUT_REQUIRE_OF_MODULES, file(name, text)],
      project,
      env,
    );
    expect(out).toBe('[]\ntrue not_found\n');
    expect(code).toBe(0);
  });

  test('has types for TypeScript compiled to CommonJS', async () => {
    file(
      'typed.cts',
      `import { Carillon, type SendRequest } from 'carillon-client';
const message: SendRequest = { to: { email: 'ada@example.com' }, channel: 'email', content: { text: 'T' } };
export const sent: Promise<{ id: string }> = new Carillon({ apiKey: 'k', baseUrl: 'http://x' }).notifications.send(message);`,
    );
    const options = ['--noEmit', '--ignoreConfig', '--strict', '--target', 'es2022', '--module', 'nodenext'];
    const { out } = await run(
      'tsc',
      [...options, '--skipLibCheck', 'false', '--types', 'node', 'typed.cts'],
      project,
    );
    expect(out).toBe('');
  });

  test('contains a command that runs without the checkout', async () => {
    const bin = path.join(project, 'node_modules/carillon-client/bin/carillon.mjs');
    const args = [
      'send',
      '--email',
      'ok@example.test',
      '--channel',
      'email',
      '--subject',
      'S',
      '--text',
      'T',
    ];
    const { code, out } = await run(process.execPath, [bin, ...args], project, env);
    expect(out).toMatch(/^accepted {2}[0-9a-f-]{36} {2}pending/);
    expect(code).toBe(0);
  });

  test('contains only the required files', async () => {
    const { out } = await run('tar', ['-tzf', tarball], home);
    const names = out
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, ''));
    expect(names.filter((name) => !/^dist\/.+(\.js|\.d\.ts)$/.test(name)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'bin/carillon.mjs',
      'dist/cjs/package.json',
      'package.json',
    ]);
    expect(names.filter((name) => name.includes('.test.'))).toEqual([]);
  });

  test('may be published: public, with the license of the project and no dependency', () => {
    const manifest = JSON.parse(
      readFileSync(path.join(project, 'node_modules/carillon-client/package.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(manifest).toMatchObject({ license: 'Apache-2.0', publishConfig: { access: 'public' } });
    for (const name of ['private', 'dependencies', 'peerDependencies'])
      expect(manifest).not.toHaveProperty(name);
    expect(readFileSync(path.join(project, 'node_modules/carillon-client/LICENSE'), 'utf8')).toBe(
      readFileSync(path.join(ROOT, 'LICENSE'), 'utf8'),
    );
  });
});

describe('in the checkout', () => {
  test('the command runs from its source', async () => {
    const bin = path.join(PACKAGE, 'bin/carillon.mjs');
    const { code, out } = await run(
      process.execPath,
      [bin, 'status', '0b9d5cd8-5f0c-8f6e-9a55-3c7d0a9d1c11'],
      home,
      env,
    );
    expect(out).toMatch(/^not_found: /);
    expect(code).toBe(1);
  });
});
