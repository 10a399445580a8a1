import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PROVIDER_IDS } from './providers.ts';

test('every folder that declares a provider is in the list, once, under its own name', () => {
  const folders = readdirSync(import.meta.dirname).filter((name) =>
    existsSync(`${import.meta.dirname}/${name}/index.ts`),
  );
  expect(folders.toSorted()).toEqual([...PROVIDER_IDS].toSorted());
});

test('the SDK of a provider is loaded with its first account, not with the list of providers', async () => {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    import Module from 'node:module';
    const loaded = () => Object.keys(Module._cache).filter((file) => file.includes('node_modules')).length;
    const { definitionOf } = await import(${at('./providers.ts')});
    await import(${at('./accounts/account-encryption.ts')});
    const before = loaded();
    const credentials = { accountSid: 'AC1', authToken: 'x' };
    await definitionOf('twilio').connect({ id: 'a', credentials, from: '+15005550006' }, { client: {} });
    console.log(JSON.stringify([before, loaded() > 0]));
    process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toEqual([0, true]);
});
