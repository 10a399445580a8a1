import { expect, test } from 'vitest';
import type { Verb } from './command.ts';
import { readGiven } from './given.ts';

const VERB: Verb = {
  summary: '',
  usage: '',
  options: { name: { type: 'string' }, scope: { type: 'string', multiple: true }, rate: { type: 'string' } },
  words: 1,
  run: async () => ({ json: {}, lines: [] }),
};
const SECRET = 'hunter2-and-more';

test.each([
  '--password',
  '--PASSWORD',
  '-password',
  '--db-passwd',
  '--secret',
  '--api-key',
  '--apikey',
  '--auth-token',
  '--credentials',
  '--private-key',
  '--encryption-keys',
  '--database-url',
  '--redis-url',
])('%s is refused with the remedy, in both spellings, and its value is in no error', (option) => {
  for (const args of [
    ['word', option, SECRET],
    ['word', `${option}=${SECRET}`],
  ]) {
    let message = '';
    try {
      readGiven(args, VERB);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(`${option} is refused`);
    expect(message).toMatch(/in the environment|standard input/);
    expect(message).not.toContain(SECRET);
  }
});

test('a whole API key in place of its id is refused, and never quoted', () => {
  const text = `cln_live_0123456789ab_${'5e'.repeat(24)}_00000000`;
  expect(() => readGiven([text], VERB)).toThrow(/rotate it/);
  expect(() => readGiven([text], VERB)).not.toThrow(/5e5e/);
});

test('too many or too few arguments, and unknown options, are refused without being quoted', () => {
  for (const args of [[], ['one', SECRET], ['one', `--unknown=${SECRET}`]]) {
    expect(() => readGiven(args, VERB)).toThrow();
    expect(() => readGiven(args, VERB)).not.toThrow(new RegExp(SECRET));
  }
});

test('lists are repeated options or comma-separated; numbers have bounds', () => {
  const given = readGiven(['word', '--scope', 'a, b', '--scope=c', '--rate', '20', '--json'], VERB);
  expect([given.words, given.list('scope'), given.json]).toEqual([['word'], ['a', 'b', 'c'], true]);
  expect(given.whole('rate', 1, 20)).toBe(20);
  expect(() => given.whole('rate', 1, 19)).toThrow('--rate is "20"; it must be a whole number from 1 to 19');
  expect(() => given.needed('name', 'for people')).toThrow('--name is missing: for people');
});
