import { expect, test } from 'vitest';
import { commandOf, commandOfAny } from './command.ts';

test.each([
  ['ok@example.com', 'ok'],
  ['bounce@example.com', 'bounce'],
  ['bounce1@example.com', 'bounce'],
  ['bounce+17@example.com', 'bounce'],
  ['Complain-x@example.com', 'complain'],
  ['slow', 'slow'],
  ['throttle_abc', 'throttle'],
  ['timeout-f00:APA91b', 'timeout'],
  ['drop:APA91b', 'drop'],
  ['error', 'error'],
  ['+15005550000', 'ok'],
  ['+15005550001', 'invalid'],
  ['+15005550002', 'unroutable'],
  ['+15005550003', 'region_blocked'],
  ['+15005550004', 'opted_out'],
  ['+15005550009', 'unreachable'],
  ['+15005550013', 'slow'],
  ['+15005550017', 'drop'],
  ['+15005550020', 'undelivered'],
  ['+15005550022', 'unreported'],
])('%s commands %s', (to, command) => {
  expect(commandOf(to)).toBe(command);
});

test.each(['bouncer@example.com', 'drops@example.com', 'ada@bounce.example', 'noerror', '+15005551001', ''])(
  '%s commands nothing',
  (to) => {
    expect(commandOf(to)).toBe('ok');
  },
);

test('of several recipients the first with a command decides', () => {
  expect(commandOfAny(['ada@example.com', 'slow@example.com', 'drop@example.com'])).toBe('slow');
  expect(commandOfAny(['ada@example.com'])).toBe('ok');
});
