import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveTraces } from './trace-server.ts';
import { traceStore } from './trace-store.ts';
import { treeOf } from './trace-tree.ts';

let server: Server;
let url: string;
beforeAll(async () => {
  server = await serveTraces(0);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const ID = 'a'.repeat(32);

interface Given {
  id: string;
  parent?: string;
  name: string;
  /** Milliseconds. */
  from: number;
  to: number;
  attributes?: Record<string, string>;
  failed?: boolean;
}

/** As a program exports them (opentelemetry.io/docs/specs/otlp, JSON). */
const exported = (traceId: string, service: string, ...spans: Given[]) =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeSpans: [
          {
            spans: spans.map(({ id, parent = '', name, from, to, attributes = {}, failed }) => ({
              traceId,
              spanId: id,
              parentSpanId: parent,
              name,
              kind: 2,
              startTimeUnixNano: `${1_700_000_000_000 + from}000000`,
              endTimeUnixNano: `${1_700_000_000_000 + to}000000`,
              attributes: Object.entries(attributes).map(([key, stringValue]) => ({
                key,
                value: { stringValue },
              })),
              ...(failed ? { status: { code: 2 } } : {}),
            })),
          },
        ],
      },
    ],
  });

const post = (body: string) => fetch(`${url}/v1/traces`, { method: 'POST', body });
const get = async (path: string) => {
  const answer = await fetch(url + path);
  return {
    status: answer.status,
    text: await answer.text(),
    policy: answer.headers.get('content-security-policy'),
  };
};

test('a trace of two programs is one tree, whichever export came first', async () => {
  const worker = exported(ID, 'carillon-worker', {
    id: 'c',
    parent: 'b',
    name: 'process',
    from: 20,
    to: 60,
    failed: true,
  });
  const api = exported(
    ID,
    'carillon-api',
    { id: 'a', name: 'POST /v1/notifications', from: 0, to: 10 },
    { id: 'b', parent: 'a', name: 'send', from: 2, to: 8, attributes: { 'carillon.notification.id': 'n-1' } },
  );
  const store = traceStore();
  for (const body of [worker, api]) store.add(body);
  const rows = treeOf(store.get(ID)!);
  expect(rows.map(({ span, depth, afterMs, tookMs }) => [span.name, depth, afterMs, tookMs])).toEqual([
    ['POST /v1/notifications', 0, 0, 10],
    ['send', 1, 2, 6],
    ['process', 2, 20, 40],
  ]);

  for (const body of [worker, api]) expect((await post(body)).status).toBe(200);
  const list = await get('/');
  expect(list.text).toContain('POST /v1/notifications');
  expect(list.text).toContain('carillon-api, carillon-worker');
  expect(list.text).toContain('60 ms');
  const page = await get(`/traces/${ID}`);
  expect(page.status).toBe(200);
  expect(page.text.indexOf('send')).toBeLessThan(page.text.indexOf('process'));
  expect(page.text).toContain('error');
  expect((await get('/?find=n-1')).text).toContain(`/traces/${ID}`);
  expect((await get('/?find=n-2')).text).toContain('No trace has n-2');
});

test('a span’s text is shown and never run', async () => {
  const id = 'b'.repeat(32);
  const evil = '<img src=x onerror=alert(1)>';
  await post(exported(id, evil, { id: 'x', name: evil, from: 0, to: 1, attributes: { [evil]: evil } }));
  for (const path of ['/', `/traces/${id}`, `/?find=${encodeURIComponent(evil)}`]) {
    const { text, policy } = await get(path);
    expect(text).toContain('&lt;img');
    expect(text).not.toContain('<img');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
  }
});

test('what is no export is refused, and an unknown trace is not found', async () => {
  for (const body of ['', 'x', '{}', '{"resourceSpans":[{}]}']) expect((await post(body)).status).toBe(400);
  expect((await get(`/traces/${'c'.repeat(32)}`)).status).toBe(404);
});

test('of many traces the newest stay', () => {
  const store = traceStore(3);
  const ids = ['1', '2', '3', '4'].map((each) => each.repeat(32));
  for (const id of ids) store.add(exported(id, 's', { id: 'a', name: id, from: 0, to: 1 }));
  expect(store.list().map(({ id }) => id)).toEqual(ids.slice(1).reverse());
});
