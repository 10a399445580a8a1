import { buildAccounts } from '@carillon/providers/accounts/registry';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { expect, test } from 'vitest';
import { guaranteeOf } from './guarantee-of.ts';

const settings = simulatorAccounts({
  httpUrl: 'http://127.0.0.1:9',
  tlsHost: '127.0.0.1',
  tlsPort: 9,
  caFile: import.meta.filename,
  smtpUrl: 'smtp://127.0.0.1:9',
});
const accounts = await buildAccounts(
  settings.map(({ caFile: _, ...account }) => account as (typeof settings)[number]),
  { storeInboxMessage: async () => true },
);

test('the displayed class is the one that the adapter declares', async () => {
  for (const { id, adapter } of accounts) {
    const { provider } = settings.find((account) => account.id === id)!;
    expect([provider, guaranteeOf(provider)]).toEqual([provider, adapter.guarantee]);
    await adapter.close();
  }
  expect(accounts.length).toBe(settings.length);
});

test('an unknown provider has no guarantee', () => {
  expect(guaranteeOf('carrier-pigeon')).toBeNull();
});
