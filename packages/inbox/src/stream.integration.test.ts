import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { keepStream } from './stream.ts';
import { type StreamServer, streamOwner, streamServer } from './stream-under-test.ts';

let server: StreamServer;
let ending: AbortController;
beforeEach(async () => {
  server = await streamServer();
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  await server.close();
});

test('a stream that ends is opened again from its last position', async () => {
  const { events, states, caughtUp, options } = streamOwner(server.url);
  void keepStream(options, ending.signal);
  await server.connections(1);
  server.send('message', 6, { id: 'a' });
  await until('the message', () => events.length === 1);
  server.send('counts', 7, {});
  await until('the counts', () => events.length === 2);
  server.send('message', 8, { id: 'b' });
  await until('another', () => events.length === 3);
  server.answers[0]!.end();
  await server.connections(2);
  expect(server.asked).toEqual(['/?after=5', '/?after=8']);
  await until('the state', () => states.length === 3);
  expect(states).toEqual(['live', 'waiting', 'live']);
  expect(caughtUp).toEqual([true, true, false]);
});

test.each([
  ['token_expired', 1],
  ['restarting', 0],
])('one that is closed for %s is opened again, with %i new tokens', async (reason, tokens) => {
  const { counted, options } = streamOwner(server.url);
  void keepStream(options, ending.signal);
  await server.connections(1);
  server.send('closed', null, { reason });
  await server.connections(2);
  expect(counted.tokens).toBe(tokens);
});

test.each(['too_many_streams', 'recipient_erased'])(
  'one that is closed for %s stays closed',
  async (reason) => {
    const { states, options } = streamOwner(server.url);
    const ended = keepStream(options, ending.signal);
    await server.connections(1);
    server.send('closed', null, { reason });
    await ended;
    expect(states).toEqual(['live', 'stopped']);
    expect(server.asked).toHaveLength(1);
  },
);

test.each([401, 403, 404])('%i ends the attempts', async (refusal) => {
  server.set.status = refusal;
  const { states, options } = streamOwner(server.url);
  await keepStream(options, ending.signal);
  expect(states).toEqual(['stopped']);
});

test('503 and a lost network are tried again until they are over', async () => {
  server.set.status = 503;
  const { states, options } = streamOwner(server.url);
  void keepStream(options, ending.signal);
  await until('some attempts', () => server.asked.length >= 3);
  server.set.status = 200;
  await server.connections(1);
  await until('the stream', () => states.at(-1) === 'live');
});

test('a silent connection is given up, one with comments is not', async () => {
  const { options } = streamOwner(server.url);
  void keepStream({ ...options, silenceMs: 1_000 }, ending.signal);
  await server.connections(1);
  for (let comments = 0; comments < 15; comments++) {
    await pause(100);
    server.answers[0]!.write(':\n\n');
  }
  expect(server.answers).toHaveLength(1);
  await server.connections(2);
});

test('an endless series of short streams does not become a loop without pauses', async () => {
  const { options } = streamOwner(server.url);
  void keepStream({ ...options, firstPauseMs: 60_000 }, ending.signal);
  await server.connections(1);
  server.answers[0]!.end();
  await server.connections(2);
  server.answers[1]!.end();
  await until('the end of the second', () => server.answers[1]!.writableFinished);
  // By the time that another client has been served twice, a loop would have come back.
  for (let turn = 0; turn < 2; turn++)
    await (await fetch(`${server.url}/other`, { signal: AbortSignal.timeout(500) })).body!.cancel();
  expect(server.asked.filter((path) => path !== '/other')).toHaveLength(2);
});
