import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { expect, test } from 'vitest';
import { parseAccounts } from './account-settings.ts';

const RESEND = {
  id: 'resend',
  provider: 'resend',
  environments: ['live'],
  credentials: { apiKey: 're_very_secret' },
  from: 'Acme <hello@acme.example>',
};
const problemsOf = (accounts: unknown): string[] => {
  const parsed = parseAccounts(accounts);
  return 'problems' in parsed ? parsed.problems : [];
};

test('the accounts of the simulator are valid settings, through JSON and back', () => {
  const accounts = simulatorAccounts({
    httpUrl: 'http://127.0.0.1:4010',
    tlsHost: '127.0.0.1',
    tlsPort: 4011,
    caFile: '/ca.pem',
    smtpUrl: 'smtp://127.0.0.1:4012',
  });
  expect(parseAccounts(JSON.stringify(accounts))).toEqual({ accounts });
  expect(new Set(accounts.map(({ provider }) => provider)).size).toBe(12);
  for (const account of accounts) expect(account.environments).toEqual(['live', 'test']);
});

test('all problems of all accounts are reported together, with their position and without secrets', () => {
  const problems = problemsOf([
    { ...RESEND, environments: ['production'], ratePerSecond: 0 },
    { ...RESEND, credentials: { apiKey: 're_very_secret', password: 're_very_secret' } },
    {
      id: 'tw',
      provider: 'twilio',
      environments: ['live'],
      credentials: { accountSid: 're_very_secret', authToken: '' },
    },
    { id: 'x', provider: 'pigeon', environments: ['live'] },
    {
      id: 'fcm',
      provider: 'fcm',
      environments: ['live'],
      credentials: { private_key: 're_very_secret' },
      host: 'h',
    },
    7,
  ]);
  const text = problems.join('\n');
  for (const place of [
    'accounts[0] (resend).environments',
    'accounts[0] (resend).ratePerSecond',
    'accounts[1] (resend).credentials',
    'accounts[1] (resend).id: is used twice',
    'accounts[2] (tw).credentials.accountSid',
    'accounts[2] (tw).credentials.authToken',
    'accounts[3] (x).provider',
    'accounts[4] (fcm).credentials.private_key',
    'accounts[5]',
  ]) {
    expect(text).toContain(place);
  }
  expect(text).not.toContain('re_very_secret');
});

test('rules across fields are reported too', () => {
  const twilio = {
    id: 'tw',
    provider: 'twilio',
    environments: ['live'],
    credentials: { accountSid: 'AC1', authToken: 'x' },
  };
  expect(problemsOf([twilio])).toEqual([
    'accounts[0] (tw).from: set from or messagingServiceSid: an SMS needs a sender',
  ]);
});

const SMTP = {
  id: 'relay',
  provider: 'smtp',
  environments: ['live'],
  from: 'Acme <hello@acme.example>',
  host: 'smtp.acme.example',
  port: 587,
};

test.each([
  [{ ehloName: 'mail.acme.example', greetingTimeoutMs: 300_000 }, null],
  [{ ehloName: '[192.0.2.1]', dataTimeoutMs: 600_000, commandTimeoutMs: 60_000 }, null],
  [{ ehloName: '[IPv6:2001:db8::1]' }, null],
  [{ ehloName: 'mail acme' }, '.ehloName: must be a host name such as mail.acme.example'],
  [{ ehloName: 'a\r\nMAIL FROM:<x>' }, '.ehloName: must be a host name'],
  [{ ehloName: 'pod_7' }, '.ehloName: must be a host name'],
  [{ greetingTimeoutMs: 300_001 }, '.greetingTimeoutMs: must be 300000 ms at most'],
  [{ connectTimeoutMs: 99 }, '.connectTimeoutMs: must be 100 ms at least'],
  [
    { commandTimeoutMs: 300_000, dataTimeoutMs: 300_000 },
    '.dataTimeoutMs: the timeouts are together more than 840000 ms',
  ],
])('an SMTP account with %j is %s', (more, problem) => {
  const problems = problemsOf([{ ...SMTP, ...more }]);
  if (problem === null) expect(problems).toEqual([]);
  else expect(problems).toEqual([expect.stringContaining(problem)]);
});

test.each([
  ['{', 'not JSON'],
  ['{}', 'must be a JSON array'],
  ['null', 'must be a JSON array'],
])('the text %s is refused with a sentence', (source, words) => {
  expect(problemsOf(source).join()).toContain(words);
});
