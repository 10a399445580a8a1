import { AddressRefused } from '@carillon/providers/http/public-reach';
import { expect, test } from 'vitest';
import { guardedLookup } from './address-guard.ts';

const resolve = (host: string, allowPrivate: boolean) =>
  new Promise<string>((done, fail) =>
    guardedLookup(allowPrivate)(host, {}, (error, address) => (error ? fail(error) : done(String(address)))),
  );

test('a name that resolves to a private network is refused at the moment of connecting', async () => {
  await expect(resolve('127.0.0.1', false)).rejects.toThrow(AddressRefused);
  expect(await resolve('127.0.0.1', true)).toBe('127.0.0.1');
});
