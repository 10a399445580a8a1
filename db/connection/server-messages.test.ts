import { expect, test } from 'vitest';
import { serverMessages } from './server-messages.ts';

const message = (letter: string, body: string): Buffer => {
  const head = Buffer.alloc(5);
  head.write(letter, 0, 'latin1');
  head.writeInt32BE(Buffer.byteLength(body) + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
};
const code = (letter: string): number => letter.charCodeAt(0);

const STREAM = Buffer.concat([
  message('S', 'in_hot_standby\0off\0'),
  message('D', 'a row with Z and E and C25006 in it'),
  message('2', ''),
  message('E', 'SERROR\0C25006\0Mcannot execute\0\0'),
  message('Z', 'I'),
]);
const EXPECTED = [
  ['S', 'in_hot_standby\0off\0'],
  ['E', 'SERROR\0C25006\0Mcannot execute\0\0'],
  ['Z', 'I'],
];

test.each([1, 2, 3, 4, 5, 6, 7, 64, STREAM.length])(
  'messages are found whatever the chunks they come in, here of %i bytes',
  (size) => {
    const found: string[][] = [];
    const take = serverMessages(new Set([code('S'), code('E'), code('Z')]), (type, body) =>
      found.push([String.fromCharCode(type), body.toString()]),
    );
    for (let at = 0; at < STREAM.length; at += size) take(STREAM.subarray(at, at + size));
    expect(found).toEqual(EXPECTED);
  },
);
