import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer, CA } from '../../../../test/contract/answering-server.ts';
import { tcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';
import { failureOutcome } from '../outcome/call-failure.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions, type HttpResult } from './http-client.ts';

let server: AnsweringServer;
const clients: HttpClient[] = [];
beforeEach(async () => {
  server = await answeringServer();
  server.answers({ status: 200, body: 'ok' });
});
afterEach(async () => {
  await server.close();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function client(url: string, options?: HttpClientOptions): HttpClient {
  const made = createHttpClient(url, options);
  clients.push(made);
  return made;
}
const post = (http: HttpClient, timeoutMs = 5_000): Promise<HttpResult> =>
  http.post({ path: '/x?y=1', headers: { a: 'b' }, body: '{}', signal: AbortSignal.timeout(timeoutMs) });
const codeOf = (result: HttpResult) =>
  result.phase === 'answered' ? 'answered' : failureOutcome('Acme', result.error, result.phase).code;

test('joins the path of the base URL and returns status, headers and body', async () => {
  server.answers({ status: 207, headers: { 'x-one': '1' }, body: 'héllo' });
  const result = await post(client(`${server.url}/base/`));
  expect(result).toMatchObject({ phase: 'answered', status: 207, body: 'héllo', tooLarge: false });
  expect((result as { headers: object }).headers).toMatchObject({ 'x-one': '1' });
  expect(server.received[0]).toMatchObject({ path: '/base/x?y=1', headers: { a: 'b' } });
});

test('a call that still waits for a socket at its deadline is never written', async () => {
  server.answers('hang');
  const http = client(server.url, { connections: 1 });
  const first = post(http, 400);
  await until('the first request', () => server.received.length === 1);
  expect(await post(http, 50)).toMatchObject({ phase: 'started' });
  server.answers({ status: 200, body: 'ok' });
  expect(await first).toMatchObject({ phase: 'written' });
  expect(await post(http)).toMatchObject({ phase: 'answered' });
  expect(server.received).toHaveLength(2);
});

test('a request whose facts are still being read is put back unwritten and goes out on the same socket', async () => {
  const line = await tcpProxy(server.port);
  const http = client(`http://127.0.0.1:${line.port}`);
  let asked = 0;
  const mayWrite = () => (++asked <= 3 ? Promise.resolve() : true);
  const request = { path: '/x', headers: {}, body: '{}', signal: AbortSignal.timeout(5_000) };
  expect(await http.post({ ...request, mayWrite })).toMatchObject({ phase: 'answered', status: 200 });
  expect({ asked, received: server.received.length, sockets: line.taken() }).toEqual({
    asked: 4,
    received: 1,
    sockets: 1,
  });
  const refusing = () => (++asked <= 5 ? Promise.resolve() : false);
  const refused = await http.post({ ...request, mayWrite: refusing });
  expect(codeOf(refused)).toBe('lease_over');
  const unanswered = {
    ...request,
    signal: AbortSignal.timeout(50),
    mayWrite: () => new Promise<void>(() => {}),
  };
  expect(codeOf(await http.post(unanswered))).toBe('timeout');
  expect(server.received).toHaveLength(1);
  await line.close();
});

test('reuses one connection for consecutive calls', async () => {
  const ports = new Set<string | undefined>();
  server.answers(({ headers }) => {
    ports.add(headers.connection);
    return { status: 200, body: 'ok' };
  });
  const http = client(server.url);
  for (let n = 0; n < 5; n++) expect(await post(http)).toMatchObject({ phase: 'answered' });
  expect([...ports]).toEqual(['keep-alive']);
});

test('a certificate that is not trusted is certain: nothing was written', async () => {
  const tls = await answeringServer({ tls: true });
  tls.answers({ status: 200 });
  const result = await post(client(tls.url));
  expect(result.phase).toBe('started');
  expect(codeOf(result)).toBe('tls_failed');
  expect(await post(client(tls.url, { ca: CA }))).toMatchObject({ phase: 'answered', status: 200 });
  expect(tls.received).toHaveLength(1);
  await tls.close();
});

test("a fixed provider host can be dialled elsewhere, and the certificate must be that address's", async () => {
  const tls = await answeringServer({ tls: true });
  tls.answers({ status: 200 });
  const at = (host: string, ca?: string) =>
    client('https://example.com', { ...(ca && { ca }), dial: { host, port: tls.port } });
  expect(await post(at('127.0.0.1', CA))).toMatchObject({ phase: 'answered' });
  expect(tls.received[0]!.headers.host).toBe('example.com');
  expect(codeOf(await post(at('127.0.0.1')))).toBe('tls_failed');
  await tls.close();
});

test('a host name that does not exist is certain', async () => {
  const result = await post(client('http://nowhere.invalid'));
  expect(result.phase).toBe('started');
  expect(codeOf(result)).toBe('dns_failed');
});

test('TLS to a server without TLS is certain', async () => {
  const result = await post(client(server.url.replace('http:', 'https:')));
  expect(result.phase).toBe('started');
  expect(server.received).toHaveLength(0);
});
