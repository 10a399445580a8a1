import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { ROUTES } from './api-types.ts';
import { Carillon, type CarillonOptions } from './carillon.ts';
import { RecipientInbox } from './recipient-inbox.ts';
import { Inbox } from './resources/inbox.ts';
import { VERSION } from './version.ts';

const GOOD = { apiKey: 'cln_test_x', baseUrl: 'https://api.test' };

test.each([
  ['no key', { apiKey: undefined }, /apiKey is missing/],
  ['a key with a line break', { apiKey: 'cln_test_x\n' }, /apiKey is missing, or has a space/],
  ['no address', { baseUrl: undefined }, /baseUrl is undefined/],
  ['an address that is none', { baseUrl: 'api.test' }, /baseUrl is "api.test"/],
  ['another protocol', { baseUrl: 'ftp://api.test' }, /must begin with https/],
  ['an address with a password', { baseUrl: 'https://a:b@api.test' }, /has a password/],
  ['no time', { timeoutMs: 0 }, /timeoutMs is 0/],
  ['a negative number of retries', { retries: -1 }, /retries is -1/],
])('invalid options are refused by the constructor: %s', (_, wrong, words) => {
  expect(() => new Carillon({ ...GOOD, ...wrong } as CarillonOptions)).toThrow(words);
});

test('no error contains the key', () => {
  expect(() => new Carillon({ ...GOOD, apiKey: 'cln_live_secret with space' })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('secret') }),
  );
});

/** Every method of every resource and of a RecipientInbox, called with arguments that each of them accepts. */
async function calls(): Promise<Set<string>> {
  const made = new Set<string>();
  const options: Pick<CarillonOptions, 'baseUrl' | 'retries' | 'fetch'> = {
    baseUrl: 'https://api.test/',
    retries: 0,
    fetch: (url, { method }) => {
      const { pathname } = new URL(url);
      made.add(`${method} ${pathname}`);
      return pathname.endsWith('/stream') ? lastWords() : new Response('{"data": [], "next_cursor": null}');
    },
  };
  const resources = Object.values(new Carillon({ ...GOOD, ...options }));
  const ofRecipients = new RecipientInbox({ ...options, token: 'crt_x' });
  for (const resource of [...resources, ofRecipients] as Resource[]) {
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(resource))) {
      if (name === 'constructor') continue;
      const takesId =
        resource[name]!.length > 0 && !['send', 'sendBatch', 'create', 'add', 'remove'].includes(name);
      const takesTwo =
        TAKE_TWO_IDS.includes(name) || (resource instanceof Inbox && OF_A_MESSAGE.includes(name));
      const ids = takesTwo ? ['x', 'x'] : takesId ? ['x'] : [];
      const result = resource[name]!(...(name === 'sendBatch' ? [[{}]] : [...ids, {}]));
      if (name === 'stream') await (result as AsyncGenerator).next();
      else
        await (result && typeof result === 'object' && 'page' in result
          ? (result.page as () => unknown)()
          : result);
    }
  }
  return made;
}

type Resource = Record<string, (...args: unknown[]) => unknown>;

/** A stream that asks its client not to come back. */
const lastWords = () =>
  new Response('event: closed\ndata: {"reason": "recipient_erased"}\n\n', {
    headers: { 'content-type': 'text/event-stream' },
  });

/** The id of a recipient or a person and of something of theirs; a channel and the hash of an address; a key and a version. */
const TAKE_TWO_IDS = ['enableContactPoint', 'find', 'lift', 'endSession', 'version'];
const OF_A_MESSAGE = ['seen', 'read', 'unread', 'archive', 'unarchive', 'snooze'];

test('every operation of the API that needs a key or a token has a method', async () => {
  const routes = Object.values(ROUTES).map(
    ({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, 'x')}`,
  );
  expect([...(await calls())].sort()).toEqual(routes.sort());
});

test('the version is that of the package', () => {
  expect(VERSION).toBe(manifest.version);
});
