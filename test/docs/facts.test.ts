import { BACKOFF_SECONDS } from '@carillon/core/notification/backoff';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { parseAccounts } from '@carillon/providers/accounts/account-settings';
import { expect, test } from 'vitest';
import { fencedBlocks, page } from './pages.ts';

/** Facts that pages repeat from the code. */
test('the example of PROVIDERS_FILE is accepted, once its placeholders have values', () => {
  const json = fencedBlocks(page('docs/provider-accounts.md')).filter(({ language }) => language === 'json');
  expect(json).toHaveLength(1);
  expect(parseAccounts(json[0]!.text.replaceAll('...', 'x'))).toMatchObject({
    accounts: [{ provider: 'resend' }, { provider: 'twilio' }],
  });
});

test('the schedule of retries is that of the code', () => {
  const { text } = page('docs/retries-and-failover.md');
  const inWords = (seconds: number): string =>
    seconds >= 3600 ? `${seconds / 3600} h` : seconds >= 60 ? `${seconds / 60} min` : `${seconds} s`;
  for (const priority of PRIORITIES) {
    const waits = BACKOFF_SECONDS[priority];
    expect(text).toContain(`| ${priority} | ${waits.map(inWords).join(', ')} | ${waits.length + 1} |`);
  }
});
