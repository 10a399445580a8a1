import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventParser } from './event-parser.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => eventParser()(bytes(text));

test('an event has its type, its id and its data', () => {
  expect(read('event: counts\nid: 7\ndata: {"unread_count":1}\n\n')).toEqual([
    { type: 'counts', id: 7, data: { unread_count: 1 } },
  ]);
});

test.each(['\n', '\r\n', '\r'])('lines may end in %j', (end) => {
  const text = ['event: a', 'data: 1', '', 'event: b', 'data: 2', '', ''].join(end);
  // A last CR may be the first half of CR LF.
  expect(read(`${text}:\n`).map(({ type, data }) => [type, data])).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
});

test('comments, unknown fields and events without data are passed over', () => {
  expect(read(': still here\n\nretry: 2000\nevent: a\n\nunknown\ndata: 3\n\n')).toEqual([
    { type: '', id: null, data: 3 },
  ]);
});

test('the pieces may be cut anywhere, also within a letter', () => {
  const text =
    ': x\r\n\r\nevent: message\r\nid: 12\r\ndata: {"title":"Grüße, أهلا 🎉"}\r\n\r\nevent: closed\ndata: {}\n\n';
  const whole = bytes(text);
  const expected = read(text);
  expect(expected).toHaveLength(2);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 12 }), (cuts) => {
      const parse = eventParser();
      const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const events = places.slice(1).flatMap((to, at) => parse(whole.subarray(places[at], to)));
      expect(events).toEqual(expected);
    }),
  );
});
