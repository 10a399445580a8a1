import { expect, test } from 'vitest';
import { eventParser } from './event-parser.ts';

const TEXT =
  '\ufeffretry: 2000\n\n:\n\nevent: message\nid: 7\ndata: {"title":"Grüße 🎉"}\n\nid: 8\r\nevent:changed\r\ndata: a\r\ndata:  b\r\n\r\nevent: counts\rdata\r\rdata: x\n\n';
const EVENTS = [
  { type: 'message', id: '7', data: '{"title":"Grüße 🎉"}' },
  { type: 'changed', id: '8', data: 'a\n b' },
  { type: 'counts', id: undefined, data: '' },
  { type: 'message', id: undefined, data: 'x' },
];

test.each([1, 2, 3, 7, 1000])('events are the same in chunks of %i bytes', (size) => {
  const parse = eventParser();
  const bytes = new TextEncoder().encode(TEXT);
  const events = [];
  for (let at = 0; at < bytes.length; at += size) events.push(...parse(bytes.subarray(at, at + size)));
  expect(events).toEqual(EVENTS);
});

test('an event that is cut off before its empty line is not returned', () => {
  const parse = eventParser();
  expect(parse(new TextEncoder().encode('event: message\nid: 9\ndata: {}\n'))).toEqual([]);
});
