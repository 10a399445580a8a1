import { BACKOFF_SECONDS } from '@carillon/core/notification/backoff';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { parseAccounts } from '@carillon/providers/accounts/account-settings';
import { expect, test } from 'vitest';
import { fencedBlocks, page, pages } from './pages.ts';

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

test('no command in a page sends at a time that will have passed', () => {
  const shell = pages().flatMap((each) => fencedBlocks(each).filter(({ language }) => language === 'sh'));
  const times = shell.flatMap(({ text }) =>
    [...text.matchAll(/"(?:send_at|expires_at|paused_until)":\s*"\d{4}-[^"]*"/g)].map(([found]) => found),
  );
  expect(shell.some(({ text }) => text.includes('"send_at"'))).toBe(true);
  expect(times).toEqual([]);
});
