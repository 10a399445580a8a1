import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { signWebhook } from '@carillon/core/webhook/standard-webhook';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';
import { until } from '../support/until.ts';
import { type Fenced, fencedBlocks, pages, ROOT } from './pages.ts';

/**
 * Every example that calls the API runs, page by page and in its order, against the whole system as `npm start` runs
 * it: `sh` blocks with curl or the command line in one shell, `ts` blocks that use the client by Node, after tsc.
 */
const CLIENT = path.join(ROOT, 'packages/client/src/index.ts');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** Pages whose commands change servers, or that have a test of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/production.md': 'installs servers as root',
  'packages/client/README.md':
    'packages/client/examples.integration.test.ts and the tests of the command line',
};

const examples = pages()
  .filter(({ file }) => !(file in ELSEWHERE))
  .map((page) => {
    const blocks = fencedBlocks(page);
    return {
      file: page.file,
      shell: blocks.filter(({ language, text }) => language === 'sh' && /\bcurl |npx carillon/.test(text)),
      client: blocks.filter(({ language, text }) => language === 'ts' && text.includes('carillon-client')),
    };
  });
const inShell = examples.filter(({ shell }) => shell.length > 0);
const inClient = examples.flatMap(({ file, client }) => client.map((block) => ({ file, block })));
const hasCurl = spawnSync('curl', ['--version']).status === 0;

let system: RunningSystem;
let dir: string;
beforeAll(async () => {
  system = await runningSystem();
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-docs-'));
  mkdirSync(path.join(dir, '.carillon'));
  writeFileSync(path.join(dir, '.carillon/run.json'), JSON.stringify(system.run()));
  writeFileSync(path.join(dir, 'package.json'), '{ "type": "module" }');
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'));
}, 120_000);
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await system?.stop();
});

function run(command: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, {
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', HOME: dir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (out += chunk));
  return new Promise<{ code: number | null; out: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, out })),
  );
}

/** What a reader has: the command line of the checkout, and a curl whose refusals end the script. */
const PRELUDE = `set -euo pipefail
npx() { [ "$1" = carillon ]; shift; "$NODE" "$ROOT/packages/client/bin/carillon.mjs" "$@"; }
node() { "$NODE" "$@"; }
curl() { command curl --fail-with-body "$@"; }
`;

/** What a page says that its commands show. */
const SHOWN: Readonly<Record<string, readonly RegExp[]>> = {
  'docs/getting-started.md': [/^.*\b(sent|delivered)\b/m, /"healthy":true/],
  'docs/templates.md': [/Rechnung 2026-17/, /am 01\. Dezember fällig/],
  'docs/sending.md': [/"status":"cancelled"/],
  'docs/inbox.md': [/^event: message$/m, /"title":"Your order has left"/, /^event: counts$/m],
};

/** What the programs print. */
const PRINTED =
  /^(accepted [0-9a-f-]{36}|user_42 true\n204|\d created, 0 refused|message Your order has left unread\nchanged Your order has left read)\n$/;

/** The example's account uses the simulator instead of the real provider, which would need a real key. */
const toSimulator = (text: string): string =>
  text.replaceAll(
    '"from": "Acme <hello@acme.example>"',
    `"base_url": "${system.run().simulator}", "from": "Acme <hello@acme.example>"`,
  );

describe('the examples in the pages', () => {
  test('are there: the pages that show how to send have some', () => {
    const files = inShell.map(({ file }) => file);
    for (const name of [
      'getting-started',
      'sending',
      'templates',
      'preferences',
      'webhooks',
      'in-doubt',
      'inbox',
    ])
      expect(files).toContain(`docs/${name}.md`);
    expect(files).toContain('README.md');
    expect(inClient.map(({ file }) => file)).toEqual([
      'docs/inbox.md',
      'docs/recipients.md',
      'docs/sending.md',
      'docs/webhooks.md',
    ]);
  });

  test.runIf(hasCurl).each(inShell)(
    '$file: every command succeeds',
    async ({ file, shell }) => {
      const { api, api_key } = system.run();
      const id = await system.send({
        to: { email: 'ok@example.com' },
        channel: 'email',
        content: { subject: 'S', text: 'T' },
      });
      await system.becomes(id, ['delivered']);
      const script = shell.map(({ text, line }) => `echo "# line ${line}"\n${toSimulator(text)}`).join('\n');
      const given = { URL: api, KEY: api_key, ID: id, NODE: process.execPath, ROOT };
      const { code, out } = await run('bash', ['-c', PRELUDE + script], given);
      expect(code, out).toBe(0);
      for (const shown of SHOWN[file] ?? []) expect(out).toMatch(shown);
    },
    90_000,
  );

  test.runIf(hasCurl)(
    'docs/getting-started.md ends with a message that went through the new account',
    async () => {
      const { api, live_api_key } = system.run();
      const get = async (where: string) => {
        const answer = await fetch(api + where, { headers: { authorization: `Bearer ${live_api_key}` } });
        return (await answer.json()) as { data: { id: string }[]; provider: string; status: string };
      };
      const { data } = await get('/v1/notifications?address=you@acme.example');
      expect(data).toHaveLength(1);
      await until('the test to be sent', async () => {
        const { provider, status } = await get(`/v1/notifications/${data[0]!.id}`);
        return provider === 'my-resend' && (status === 'sent' || status === 'delivered');
      });
    },
  );

  test('types of the client are right, and the programs run', async () => {
    const programs = inClient.map(({ file, block }, at) => ({ file, name: `example-${at}.ts`, block }));
    for (const { name, block } of programs)
      writeFileSync(path.join(dir, name), block.text.replaceAll("'carillon-client'", `'${CLIENT}'`));
    const options = [
      '--noEmit',
      '--ignoreConfig',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--skipLibCheck',
    ];
    const language = [
      '--target',
      'es2024',
      '--module',
      'nodenext',
      '--allowImportingTsExtensions',
      '--types',
      'node',
    ];
    const tsc = path.join(ROOT, 'node_modules/.bin/tsc');
    const checked = await run(tsc, [...options, ...language, ...programs.map(({ name }) => name)]);
    expect(checked.out).toBe('');
    const env = {
      CARILLON_URL: system.run().api,
      CARILLON_API_KEY: system.run().api_key,
      CARILLON_WEBHOOK_SECRET: SECRET,
    };
    for (const { file, name, block } of programs) {
      writeFileSync(path.join(dir, 'run.ts'), program(name, block));
      const { code, out } = await run(process.execPath, ['run.ts'], env);
      expect(code, `${file}: ${out}`).toBe(0);
      expect(out, file).toMatch(PRINTED);
    }
  }, 90_000);
});

/** The example itself, or, for a receiver of events, a signed request to it. */
function program(name: string, { text }: Fenced): string {
  if (!text.includes('export async function receive')) return `import './${name}';`;
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
  return `import { receive } from './${name}';
const request = { method: 'POST', headers: ${JSON.stringify(headers)}, body: ${JSON.stringify(body)} };
console.log((await receive(new Request('http://hooks.test', request))).status);`;
}
