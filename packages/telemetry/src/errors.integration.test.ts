import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type ErrorReceiver, errorReceiver } from '../../../test/support/error-receiver.ts';

/** Loading the SDK takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 120_000 });

const ROOT = path.join(import.meta.dirname, '../../..');
const receivers: ErrorReceiver[] = [];
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
});
async function receive(...args: Parameters<typeof errorReceiver>): Promise<ErrorReceiver> {
  const receiver = await errorReceiver(...args);
  receivers.push(receiver);
  return receiver;
}

/** A program that reports its errors; `errors` and `log` are there for its script. */
async function run(script: string, env: Record<string, string> = {}) {
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ resolve(name, context, next) { loaded.push(name); return next(name, context); } });
    const { createLog } = await import('@carillon/core/program/log');
    const { reportErrors } = await import('@carillon/telemetry/errors');
    const errors = await reportErrors('api', { NODE_ENV: 'test', ...process.env });
    const { endOnUncaught } = await import('@carillon/core/program/end-on-uncaught');
    const log = createLog('api', 'info', { onError: errors.onError });
    endOnUncaught(log);
    ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const PLANTED = [
  'planted@secret.example',
  '+491511234567',
  'cln_live_planted',
  'planted-password',
  'planted-query',
  'planted-row',
  'PLANTEDq83vEjRWeJCrze8SNFZ4kKvN7',
];
const TEXT = `planted@secret.example +491511234567 cln_live_planted http://u:planted-password@h.example/?planted-query
Key (name)=(planted-row) already exists. Bearer PLANTEDq83vEjRWeJCrze8SNFZ4kKvN7`;

function expectNothingPlanted({ raw }: ErrorReceiver): void {
  expect(raw).not.toEqual([]);
  for (const planted of PLANTED) expect(raw.join('\n'), planted).not.toContain(planted);
}

test('an error of the log arrives scrubbed, with release, environment, program and trace', async () => {
  const receiver = await receive();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const script = `
    const { context, trace } = await import('@opentelemetry/api');
    const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const text = process.env.TEXT;
    const root = Object.assign(new TypeError('broke on ' + text + '\\n    at ' + text + ' (x.js:1:2)'), { code: 'E_X' });
    const span = trace.wrapSpanContext({ traceId: '${traceId}', spanId: 'b7ad6b7169203331', traceFlags: 1 });
    context.with(trace.setSpan(context.active(), span), () =>
      log.error('lost ' + text, { request_id: 'r-1', account: text, note: text, path: text, error: new Error(text, { cause: root }) }));
    await errors.flush();`;
  const { code, stdout } = await run(script, {
    TEXT,
    SENTRY_DSN: receiver.dsn,
    SENTRY_RELEASE: 'carillon@9.8.7',
    SENTRY_ENVIRONMENT: 'staging',
  });
  expect(code).toBe(0);
  expect(stdout).toContain('"message":"lost ');
  expect(receiver.events).toHaveLength(1);
  const [event] = receiver.events;
  expect(event).toMatchObject({
    release: 'carillon@9.8.7',
    environment: 'staging',
    tags: { service: 'carillon-api', code: 'E_X' },
    extra: { request_id: 'r-1', times: 1 },
    contexts: { trace: { trace_id: traceId, span_id: 'b7ad6b7169203331' } },
  });
  expect(event!.exception.values[0]).toMatchObject({ type: 'TypeError', value: '' });
  expect(event!.exception.values[0]!.stacktrace!.frames.length).toBeGreaterThan(0);
  expect(event!.server_name).toBeUndefined();
  expect(receiver.raw[0]).toMatch(/^\/api\/7\/envelope\//);
  expectNothingPlanted(receiver);
});

test('known outages, warnings and lines without an error are not reported, and repetitions are counted', async () => {
  const receiver = await receive();
  const script = `
    log.error('away', { error: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
    log.error('late', { error: Object.assign(new Error('late'), { code: 'NO_ANSWER' }) });
    log.warn('warned', { error: new Error('no') });
    log.error('no error', { lanes: ['email-bulk'] });
    for (let n = 0; n < 100; n++) log.error('again', { error: new RangeError('the same') });
    log.flush();
    await errors.flush();`;
  await run(script, { SENTRY_DSN: receiver.dsn });
  expect(receiver.events.map(({ exception, extra }) => [exception.values[0]!.type, extra?.times])).toEqual([
    ['RangeError', 1],
    ['RangeError', 99],
  ]);
});

test.each([
  ['an uncaught exception', 'setImmediate(() => { throw error; }); setInterval(() => {}, 1000);'],
  ['an unhandled rejection', 'Promise.reject(error); setInterval(() => {}, 1000);'],
])('%s is reported with its causes, and ends the process exactly as without a DSN', async (_, end) => {
  const receiver = await receive();
  const script = `
    const text = process.env.TEXT;
    const error = new Error('outer ' + text, { cause: new AggregateError([new RangeError('inner ' + text)], 'middle ' + text) });
    error.recipient = text;
    ${end}`;
  const without = await run(script, { TEXT });
  const reported = await run(script, { TEXT, SENTRY_DSN: receiver.dsn });
  expect(without.code).toBe(1);
  const linesOf = ({ stdout }: { stdout: string }) => stdout.replaceAll(/"at":"[^"]*"/g, '');
  expect(without.stderr).toBe('');
  expect(linesOf(without)).toMatch(/^\{"level":"error".*the program ends"\}\n$/);
  expect({ ...reported, stdout: linesOf(reported) }).toEqual({ ...without, stdout: linesOf(without) });
  for (const planted of PLANTED) expect(without.stdout).not.toContain(planted);
  const [event] = receiver.events;
  expect(event!.exception.values.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['Error', 'AggregateError', 'RangeError']),
  );
  expectNothingPlanted(receiver);
});

test('without a DSN the SDK is not loaded and nothing hooks into the log', async () => {
  const script = `
    console.log(loaded.some((name) => name.includes('@sentry')), errors.onError, process.listenerCount('uncaughtExceptionMonitor'));
    await errors.flush();`;
  expect((await run(script)).stdout).toBe('false undefined 0\n');
  const { dsn } = await receive();
  expect((await run(script, { SENTRY_DSN: dsn })).stdout).toBe('true [Function: onError] 1\n');
});

const MANY = `
  for (let n = 0; n < 500; n++) log.error('e', { error: Object.assign(new Error('x'), { code: 'N' + n }) });
  await errors.flush();
  console.log('goes on');`;
const said = (stdout: string) =>
  stdout.split('\n').filter((line) => line.includes('errors cannot be reported'));

test.each([
  ['is away', async () => 'http://k@127.0.0.1:1/7'],
  ['answers with errors', async () => (await receive((_, res) => res.writeHead(500).end())).dsn],
])('when the receiver %s the program goes on, and says it once', async (_, dsn) => {
  const { code, stdout } = await run(MANY, { SENTRY_DSN: await dsn() });
  expect(code).toBe(0);
  expect(stdout.match(/"level":"error"/g)).toHaveLength(500);
  expect(stdout).toContain('goes on');
  expect(said(stdout)).toHaveLength(1);
  expect(said(stdout)[0]).toContain('SENTRY_DSN');
  expect(said(stdout)[0]).toContain('"level":"warn"');
});

test('when what listens there speaks no HTTP the program goes on, and says it once', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).end('nonsense\r\n\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, stdout } = await run(MANY, { SENTRY_DSN: `http://k@127.0.0.1:${port}/7` });
  server.close();
  expect(code).toBe(0);
  expect(said(stdout)).toHaveLength(1);
});

test('when the receiver never answers only a bounded number of reports waits, and the program ends', async () => {
  const receiver = await receive(() => {});
  const { code, stdout } = await run(`${MANY} process.exit();`, { SENTRY_DSN: receiver.dsn });
  expect(code).toBe(0);
  expect(stdout).toContain('goes on');
  expect(receiver.raw.length).toBeGreaterThan(0);
  expect(receiver.raw.length).toBeLessThanOrEqual(64);
});

test('a receiver that is back gets the next errors, and the log says so', async () => {
  let isUp = false;
  const receiver = await receive((_, response) => {
    response.writeHead(isUp ? 200 : 500).end();
    isUp = true;
  });
  const script = `
    log.error('e', { error: new Error('first') });
    await errors.flush();
    log.error('e', { error: new RangeError('second') });
    await errors.flush();`;
  const { stdout } = await run(script, { SENTRY_DSN: receiver.dsn });
  expect(receiver.events).toHaveLength(2);
  expect(said(stdout)).toHaveLength(1);
  expect(stdout).toContain('errors are reported again');
});
