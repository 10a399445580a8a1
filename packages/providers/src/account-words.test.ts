import { expect, test } from 'vitest';
import { fieldsOf, PROVIDERS, settingsFromWords, settingsInWords, type Words } from './account-words.ts';

const RESEND = {
  id: 'resend',
  provider: 'resend',
  environments: ['live'],
  from: 'Acme <hello@acme.example>',
  base_url: 'https://eu.resend.example',
  rate_per_second: 10,
  credentials: { api_key: 're_very_secret' },
  receipts: { secrets: ['whsec_very_secret'] },
};
const errorsOf = (words: Words) => {
  const read = settingsFromWords(words);
  return 'errors' in read ? Object.fromEntries(read.errors.map(({ path, message }) => [path, message])) : {};
};

test('snake_case becomes the settings that PROVIDERS_FILE would have, and plain ones come back as words', () => {
  const read = settingsFromWords(RESEND);
  expect(read).toEqual({
    settings: {
      id: 'resend',
      provider: 'resend',
      environments: ['live'],
      from: RESEND.from,
      baseUrl: RESEND.base_url,
      ratePerSecond: 10,
      credentials: { apiKey: 're_very_secret' },
      receipts: { secrets: ['whsec_very_secret'] },
    },
  });
  expect(settingsInWords({ baseUrl: RESEND.base_url, from: RESEND.from })).toEqual({
    base_url: RESEND.base_url,
    from: RESEND.from,
  });
});

test('"none" is a word of its own: a limit of null and no prefixes are settings left out', () => {
  const read = settingsFromWords({ ...RESEND, rate_per_second: null, prefixes: [] });
  const settings = 'settings' in read ? read.settings : {};
  expect(settings).toMatchObject({ id: 'resend' });
  expect(settings).not.toHaveProperty('ratePerSecond');
  expect(settings).not.toHaveProperty('prefixes');
});

test("Google's key file stays as Google hands it out", () => {
  const credentials = {
    project_id: 'p',
    client_email: 'a@p.example',
    private_key: '-----BEGIN PRIVATE KEY-----\n...',
    token_uri: 'https://oauth2.example/token',
  };
  const read = settingsFromWords({ id: 'fcm', provider: 'fcm', environments: ['live'], credentials });
  expect(read).toMatchObject({ settings: { credentials } });
});

test('what is not said is taken from what is kept, and what is said wins', () => {
  const { credentials: _, ...without } = RESEND;
  const kept = { credentials: { apiKey: 're_old' }, receipts: { secrets: ['old'] }, caFile: '/ca.pem' };
  expect(settingsFromWords(without, kept)).toMatchObject({
    settings: {
      credentials: { apiKey: 're_old' },
      receipts: { secrets: ['whsec_very_secret'] },
      caFile: '/ca.pem',
    },
  });
});

const CREDENTIALS: Record<string, unknown> = {
  base_url: { apiKey: 're_old' },
  url: { secret: 'sixteen characters' },
  host: { user: 'acme', pass: 'very_secret' },
};
test.each<[string, Words, Words]>([
  ['base_url', { base_url: 'https://evil.example' }, { baseUrl: 'https://eu.resend.example' }],
  ['base_url', { base_url: 'http://eu.resend.example' }, { baseUrl: 'https://eu.resend.example' }],
  ['base_url', { base_url: 'https://evil.example' }, {}],
  [
    'url',
    { provider: 'generic', channel: 'sms', url: 'https://evil.example/a' },
    { url: 'https://own.example/a' },
  ],
  [
    'host',
    { provider: 'smtp', host: 'mail.evil.example', port: 25, from: 'a@acme.example' },
    { host: 'mail.acme.example' },
  ],
])(
  'kept credentials are not sent to another server: a changed %s wants them anew',
  (field, words, settings) => {
    const { credentials: _, ...resend } = RESEND;
    const changed =
      field === 'base_url' ? { ...resend, ...words } : { id: 'a', environments: ['live'], ...words };
    expect(settingsFromWords(changed, { credentials: CREDENTIALS[field], settings })).toEqual({
      errors: [{ path: 'credentials', message: expect.stringMatching(`^${field} leads to another server`) }],
    });
  },
);

test.each<Words>([{ base_url: undefined }, { base_url: 'https://eu.resend.example:8443/v2' }])(
  'kept credentials stay on the same server, or with the provider itself: %j',
  (words) => {
    const { credentials: _, ...without } = RESEND;
    const kept = { credentials: CREDENTIALS.base_url, settings: { baseUrl: RESEND.base_url } };
    expect(settingsFromWords({ ...without, ...words }, kept)).toHaveProperty('settings');
  },
);

test('everything that is wrong is told at once by its field, in the words that were used', () => {
  const { from: _, ...without } = RESEND;
  const errors = errorsOf({
    ...without,
    id: 'Not An Id',
    colour: 'red',
    base_url: 'ftp://x',
    weight: 0,
    credentials: { api_key: 7, password: 're_very_secret' },
  });
  expect(Object.keys(errors).sort()).toEqual([
    'base_url',
    'colour',
    'credentials.api_key',
    'credentials.password',
    'from',
    'id',
    'weight',
  ]);
  expect(errors.from).toContain('is missing');
  expect(errors.colour).toContain('is no field');
  expect(errors.weight).toBe('must be 1 or more');
  expect(JSON.stringify(errors)).not.toContain('very_secret');
  expect(errorsOf({ ...RESEND, provider: 'pigeon' })).toEqual({
    provider: `must be one of ${PROVIDERS.join(', ')}`,
  });
});

test.each([['a text'], [7], [null], [['re_very_secret']]])(
  'credentials that are %j are refused by name',
  (credentials) => {
    const errors = errorsOf({ ...RESEND, credentials });
    expect(Object.keys(errors)).toEqual(['credentials']);
    expect(JSON.stringify(errors)).not.toContain('very_secret');
  },
);

test("nobody but PROVIDERS_FILE names a file of the worker's", () => {
  expect(Object.keys(errorsOf({ ...RESEND, ca_file: '/etc/passwd' }))).toEqual(['ca_file']);
});

test('every provider says its fields, and none of them is a secret or a name of the account', () => {
  expect(PROVIDERS).toHaveLength(11);
  for (const provider of PROVIDERS) {
    const fields = fieldsOf(provider)!;
    const wrong = fields.settings.filter((name) =>
      /^(id|provider|credentials|receipts|dkim|ca_file)$/.test(name),
    );
    expect(wrong, provider).toEqual([]);
  }
  expect(fieldsOf('resend')).toMatchObject({ credentials: ['api_key'] });
  expect(fieldsOf('ses')!.settings).toEqual(expect.arrayContaining(['region', 'configuration_set_name']));
  expect(fieldsOf('pigeon')).toBeNull();
});
