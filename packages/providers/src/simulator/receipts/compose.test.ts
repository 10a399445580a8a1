import { expect, test } from 'vitest';
import { RECEIPT_READERS } from '../../receipts/readers.ts';
import { COMPOSE } from './compose.ts';
import {
  RESEND_SIGNING_SECRET,
  SENDGRID_VERIFICATION_KEY,
  SNS_CERTIFICATE,
  SNS_TOPIC,
  TERMII_SIGNING_SECRET,
} from './keys.ts';

const ATTEMPT = '11111111-2222-8333-8444-555555555555/1';
const URL_OF = 'http://127.0.0.1:3400/v1/receipts/x/y';
const TRUST: Record<string, { secrets: string[]; topicArn?: string }> = {
  resend: { secrets: [RESEND_SIGNING_SECRET] },
  sendgrid: { secrets: [SENDGRID_VERIFICATION_KEY] },
  ses: { secrets: [], topicArn: SNS_TOPIC },
  twilio: { secrets: ['simulator'] },
  termii: { secrets: [TERMII_SIGNING_SECRET] },
  generic: { secrets: ['simulator-shared-secret'] },
};

test('every provider that sends receipts is simulated', () => {
  expect(Object.keys(COMPOSE).sort()).toEqual(Object.keys(RECEIPT_READERS).sort());
});

test.each(Object.keys(COMPOSE))(
  'what the simulated %s tells is signed and read as the real one',
  async (provider) => {
    const now = new Date();
    for (const what of ['delivered', 'bounced', 'complained'] as const) {
      const { headers, body } = COMPOSE[provider]!(
        { what, to: '+15005550006', attemptId: ATTEMPT, messageId: 'theirs-1' },
        URL_OF,
        now,
      );
      const request = { body: Buffer.from(body), header: (name: string) => headers[name], url: URL_OF, now };
      const reading = await RECEIPT_READERS[provider]!.read(request, {
        ...TRUST[provider]!,
        certificateAt: async () => SNS_CERTIFICATE,
      });
      expect(reading.read, what).toBe('receipts');
      const [receipt] = reading.read === 'receipts' ? reading.receipts : [];
      expect(receipt?.providerMessageId, what).toBe('theirs-1');
      if (what === 'delivered') expect(receipt?.kind).toBe('delivered');
      else expect(['bounced', 'failed', 'complained', 'opted_out']).toContain(receipt?.kind);
    }
  },
);
