import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { shareStream } from './shared-stream.ts';
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

/** Node has the channels and locks of browsers, so that the tabs of a person can be several objects here. */
function tab(name: string, position: number) {
  const each = streamOwner(server.url, position);
  const stream = shareStream({ ...each.options, name, askEveryMs: 100, silentLeaderMs: 1_000 });
  ending.signal.addEventListener('abort', stream.stop);
  stream.begin();
  return { ...each, stop: stream.stop };
}
const nameOf = () => `test ${server.url}`;

test('of several tabs one holds the stream, and all get its events', async () => {
  const tabs = [tab(nameOf(), 5), tab(nameOf(), 5), tab(nameOf(), 5)];
  await server.connections(1);
  server.send('message', 6, { id: 'a' });
  await until('the message in all', () => tabs.every(({ events }) => events.length === 1));
  expect(tabs.map(({ states }) => states.at(-1))).toEqual(['live', 'live', 'live']);
  expect(server.asked).toEqual(['/?after=5']);
});

test('another holds it as soon as that tab is closed, from where it was', async () => {
  const tabs = [tab(nameOf(), 5), tab(nameOf(), 5)];
  await server.connections(1);
  server.send('message', 6, { id: 'a' });
  await until('the message in both', () => tabs.every(({ events }) => events.length === 1));
  tabs[0]!.stop();
  await server.connections(2);
  server.send('message', 7, { id: 'b' });
  await until('the next message', () => tabs[1]!.events.length === 2);
  expect(server.asked).toEqual(['/?after=5', '/?after=6']);
});

test('a tab whose list is older than the stream gets what came between', async () => {
  tab(nameOf(), 9);
  await server.connections(1);
  const late = tab(nameOf(), 7);
  await server.connections(2);
  expect(server.asked).toEqual(['/?after=9', '/?after=7']);
  server.send('message', 8, { id: 'a' });
  await until('the message', () => late.events.length === 1);
});

test('a tab that holds the stream and is frozen is replaced, and joins again when it is back', async () => {
  let isHeld = false;
  const frozen = navigator.locks
    .request(nameOf(), () => {
      isHeld = true;
      return new Promise(() => {});
    })
    .catch((error: Error) => error.name);
  await until('the lock', () => isHeld);
  const { states } = tab(nameOf(), 5);
  await server.connections(1);
  await until('the stream', () => states.at(-1) === 'live');
  expect(await frozen).toBe('AbortError');
  const third = tab(nameOf(), 5);
  await until('its answer', () => third.states.at(-1) === 'live');
  expect(server.answers).toHaveLength(1);
});

test('tabs of other people have their own', async () => {
  tab(nameOf(), 5);
  tab(`${nameOf()} bob`, 5);
  await server.connections(2);
});
