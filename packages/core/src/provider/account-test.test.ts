import { expect, test } from 'vitest';
import { CHANNELS } from '../notification/channel.ts';
import { accountTest, whyUntestable } from './account-test.ts';

test('the test of an account names the account in the text of its channel, and expires after ten minutes', () => {
  const contents = {
    email: { subject: 'Test of acme', text: 'Test of acme' },
    sms: { text: 'Test of acme' },
    push: { title: 'Test of acme', body: 'Test of acme' },
    in_app: { title: 'Test of acme', body: 'Test of acme' },
  };
  for (const channel of CHANNELS)
    expect(accountTest({ id: 'acme', channel })).toEqual({
      channel,
      content: contents[channel],
      category: 'account-test',
      ttl_seconds: 600,
    });
});

test('an account can be tested where it is enabled, in an environment that it serves', () => {
  expect(whyUntestable({ enabled: true, environments: ['live'] }, 'live')).toBeNull();
  expect(whyUntestable({ enabled: false, environments: ['live'] }, 'live')).toBe('disabled');
  expect(whyUntestable({ enabled: true, environments: ['live'] }, 'test')).toBe('wrong_environment');
});
