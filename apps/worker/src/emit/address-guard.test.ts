import { expect, test } from 'vitest';
import { AddressRefused, guardedLookup } from './address-guard.ts';

const resolve = (host: string, allowPrivate: boolean) =>
  new Promise<string>((done, fail) =>
    guardedLookup(allowPrivate)(host, {}, (error, address) => (error ? fail(error) : done(String(address)))),
  );

test('a name that leads into our own network is refused at the moment of connecting', async () => {
  await expect(resolve('127.0.0.1', false)).rejects.toThrow(AddressRefused);
  expect(await resolve('127.0.0.1', true)).toBe('127.0.0.1');
});
