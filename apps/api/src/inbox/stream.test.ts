import type { InboxMessage } from '@carillon/core/inbox/message';
import type { InboxChanges, InboxEvent } from '@carillon/db/inbox/read-changes';
import { expect, test } from 'vitest';
import { InboxStream } from './stream.ts';

const OWNER = { appId: 'a', environment: 'live', recipientId: 'r' } as const;
const KB = 1024;

function open(after: number | null = 0) {
  let rooms = 0;
  const stream = new InboxStream({
    owner: OWNER,
    after,
    view: ({ title, body }) => ({ title, body }),
    viewCounts: (counts) => counts,
    onRoom: () => rooms++,
    onGone: () => {},
  });
  return { stream, rooms: () => rooms };
}

const changes = (events: InboxEvent[], over: Partial<InboxChanges> = {}): InboxChanges => ({
  recipientSince: new Date(0),
  last: events.at(-1)?.number ?? 0,
  counts: { unread: 0, unseen: 0 },
  events,
  isMore: false,
  ...over,
});
const message = (number: number, bytes = 1): InboxEvent => ({
  number,
  isNew: true,
  message: { title: String(number), body: 'x'.repeat(bytes) } as InboxMessage,
});
const messages = (count: number, bytes = 1) =>
  Array.from({ length: count }, (_, index) => message(index + 1, bytes));

/** Reads from now on. @returns gives what has been written until now. */
function reading(stream: InboxStream): () => Promise<string> {
  let text = '';
  const read = async () => {
    for await (const part of stream.body) text += new TextDecoder().decode(part);
  };
  read().catch(() => {});
  return async () => {
    for (let before = -1; before < text.length; ) {
      before = text.length;
      await new Promise(setImmediate);
    }
    return text;
  };
}
const numbers = (last: number) => messages(last).map(({ number }) => number);
const titles = (text: string) => [...text.matchAll(/"title":"(\d+)"/g)].map(([, title]) => Number(title));

test('what a client does not read is not made: the stream stops at a part of a batch, and goes on there', async () => {
  const { stream, rooms } = open();
  const all = changes(messages(100, 64 * KB));
  expect(stream.send(all)).toBe(true);
  expect(stream.fullSince).not.toBeNull();
  const position = stream.after!;
  expect(position).toBeGreaterThan(0);
  expect(position).toBeLessThan(10);
  const written = reading(stream);
  expect(titles(await written())).toEqual(numbers(position));
  expect(rooms()).toBe(1);
  expect(stream.fullSince).toBeNull();
  stream.send(all);
  expect(titles(await written())).toEqual(numbers(stream.after!));
  expect(stream.after).toBeGreaterThan(position);
});

test('the counts come when nothing more is to come', async () => {
  const { stream } = open();
  expect(stream.send(changes(messages(2), { last: 9, isMore: true }))).toBe(true);
  expect(stream.after).toBe(2);
  expect(stream.send(changes([message(9)]))).toBe(false);
  const text = await reading(stream)();
  expect(text.match(/event: \w+/g)).toEqual([
    'event: message',
    'event: message',
    'event: message',
    'event: counts',
  ]);
  expect(text).toContain('event: counts\nid: 9\n');
});

test('a position that the inbox does not know is reset, once', async () => {
  const { stream } = open(50);
  stream.send(changes([], { last: 7 }));
  stream.send(changes([message(8)]));
  const text = await reading(stream)();
  expect(text.match(/event: \w+/g)).toEqual([
    'event: reset',
    'event: counts',
    'event: message',
    'event: counts',
  ]);
});

test('a stream is of the recipient that it saw first', () => {
  const { stream } = open();
  expect(stream.isOf(new Date(5))).toBe(true);
  expect(stream.isOf(new Date(5))).toBe(true);
  expect(stream.isOf(new Date(6))).toBe(false);
});
