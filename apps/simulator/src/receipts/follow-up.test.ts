import { RECEIPT_READERS } from '@carillon/providers/receipts/readers';
import { trustOf } from '@carillon/providers/receipts/trust';
import { expect, test } from 'vitest';
import { SIMULATED } from '../simulated.ts';
import { RECEIPTS } from './follow-up.ts';

const ATTEMPT = '11111111-2222-8333-8444-555555555555/1';
const URL_OF = 'http://127.0.0.1:3400/v1/receipts/x/y';
const ADDRESS = {
  httpUrl: 'http://127.0.0.1:9',
  tlsHost: '127.0.0.1',
  tlsPort: 9,
  caFile: import.meta.filename,
  smtpUrl: 'smtp://127.0.0.1:9',
};

test('every provider that sends receipts is simulated', () => {
  expect([...RECEIPTS.keys()].sort()).toEqual(Object.keys(RECEIPT_READERS).sort());
});

test.each(SIMULATED.filter(({ receipts }) => receipts))(
  'a receipt of the simulated $id is signed for its account and parsed like a real one',
  async ({ id, receipts, accounts }) => {
    const now = new Date();
    const [account] = accounts(ADDRESS);
    for (const what of ['delivered', 'bounced', 'complained'] as const) {
      const told = { what, to: '+15005550006', attemptId: ATTEMPT, messageId: 'theirs-1' };
      const { headers, body } = receipts!.compose(told, URL_OF, now);
      const request = { body: Buffer.from(body), header: (name: string) => headers[name], url: URL_OF, now };
      const reading = await RECEIPT_READERS[id]!.read(request, trustOf(account!));
      expect(reading.read, what).toBe('receipts');
      const [receipt] = reading.read === 'receipts' ? reading.receipts : [];
      expect(receipt?.providerMessageId, what).toBe('theirs-1');
      if (what === 'delivered') expect(receipt?.kind).toBe('delivered');
      else expect(['bounced', 'failed', 'complained', 'opted_out']).toContain(receipt?.kind);
    }
  },
);
