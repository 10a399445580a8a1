import { expect, test } from 'vitest';
import { AccountSettings } from './account-settings.ts';
import { fieldsOf, PROVIDERS, settingsAsFields, settingsFromFields, type Words } from './form-fields.ts';

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
  const read = settingsFromFields(words);
  return 'errors' in read ? Object.fromEntries(read.errors.map(({ path, message }) => [path, message])) : {};
};

test('snake_case fields become the settings of PROVIDERS_FILE, and plain settings become fields again', () => {
  const read = settingsFromFields(RESEND);
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
  expect(settingsAsFields({ baseUrl: RESEND.base_url, from: RESEND.from })).toEqual({
    base_url: RESEND.base_url,
    from: RESEND.from,
  });
});

test('"none" has a form of its own: a limit of null and no prefixes are omitted settings', () => {
  const read = settingsFromFields({ ...RESEND, rate_per_second: null, prefixes: [] });
  const settings = 'settings' in read ? read.settings : {};
  expect(settings).toMatchObject({ id: 'resend' });
  expect(settings).not.toHaveProperty('ratePerSecond');
  expect(settings).not.toHaveProperty('prefixes');
});

test("Google's key file keeps its own field names", () => {
  const credentials = {
    project_id: 'p',
    client_email: 'a@p.example',
    private_key: '-----BEGIN PRIVATE KEY-----\n...',
    token_uri: 'https://oauth2.example/token',
  };
  const read = settingsFromFields({ id: 'fcm', provider: 'fcm', environments: ['live'], credentials });
  expect(read).toMatchObject({ settings: { credentials } });
});

test('missing fields are taken from the stored account, and given fields take precedence', () => {
  const { credentials: _, ...without } = RESEND;
  const kept = { credentials: { apiKey: 're_old' }, receipts: { secrets: ['old'] }, caFile: '/ca.pem' };
  expect(settingsFromFields(without, kept)).toMatchObject({
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
  ['base_url', { base_url: 'https://eu.resend.example:8443' }, { baseUrl: 'https://eu.resend.example' }],
  [
    'url',
    { provider: 'generic', channel: 'sms', url: 'https://evil.example/a' },
    { url: 'https://own.example/a' },
  ],
  [
    'host',
    { provider: 'smtp', host: 'mail.evil.example', port: 25, from: 'a@acme.example' },
    { host: 'mail.acme.example', port: 25 },
  ],
])(
  'stored credentials are not sent to another server: a changed %s requires them again',
  (field, words, settings) => {
    const { credentials: _, ...resend } = RESEND;
    const changed =
      field === 'base_url' ? { ...resend, ...words } : { id: 'a', environments: ['live'], ...words };
    expect(settingsFromFields(changed, { credentials: CREDENTIALS[field], settings })).toEqual({
      errors: [{ path: 'credentials', message: expect.stringMatching(`^${field} leads to another server`) }],
    });
  },
);

test.each<Words>([{ base_url: undefined }, { base_url: 'https://eu.resend.example/v2' }])(
  'stored credentials are kept for the same server, or for the provider itself: %j',
  (words) => {
    const { credentials: _, ...without } = RESEND;
    const kept = { credentials: CREDENTIALS.base_url, settings: { baseUrl: RESEND.base_url } };
    expect(settingsFromFields({ ...without, ...words }, kept)).toHaveProperty('settings');
  },
);

const RELAY = { id: 'a', provider: 'smtp', environments: ['live'], from: 'a@acme.example' };
const AT = { host: 'mail.acme.example', port: 587 };
const KEPT_BY_PLAIN_TEXT = { ...AT, requireTls: false };
test.each<[Words, Words, RegExp]>([
  [{ ...AT, port: 2525 }, AT, /^port leads to another server/],
  [{ ...AT, host: 'MAIL.evil.example' }, AT, /^host leads to another server/],
  [{ ...AT, require_tls: false }, AT, /^require_tls lets .* without TLS/],
  [{ ...AT, require_tls: false }, { ...AT, secure: true }, /^require_tls/],
  [{ ...AT, secure: false, require_tls: false }, { ...AT, requireTls: true }, /^require_tls/],
])('kept SMTP credentials do not follow to %j', (words, settings, message) => {
  const kept = { credentials: CREDENTIALS.host, settings };
  expect(settingsFromFields({ ...RELAY, ...words }, kept)).toEqual({
    errors: [{ path: 'credentials', message: expect.stringMatching(message) }],
  });
  const again = { ...RELAY, ...words, credentials: CREDENTIALS.host };
  expect(settingsFromFields(again, kept)).toHaveProperty('settings');
});

test.each<[Words, Words]>([
  [{ ...AT, host: 'Mail.Acme.Example' }, AT],
  [{ ...AT, secure: true }, AT],
  [{ ...AT, require_tls: true }, KEPT_BY_PLAIN_TEXT],
  [{ ...AT, require_tls: false, ehlo_name: 'mail.acme.example' }, KEPT_BY_PLAIN_TEXT],
])('kept SMTP credentials stay where nothing gets worse: %j', (words, settings) => {
  const kept = { credentials: CREDENTIALS.host, settings };
  expect(settingsFromFields({ ...RELAY, ...words }, kept)).toHaveProperty('settings');
});

test('all problems are reported together by field, in the spelling of the request', () => {
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

test('only PROVIDERS_FILE may name a file of the worker', () => {
  expect(Object.keys(errorsOf({ ...RESEND, ca_file: '/etc/passwd' }))).toEqual(['ca_file']);
});

test.each<[Words, string]>([
  [{ caFile: '/etc/passwd' }, 'caFile'],
  [{ CaFile: '/etc/passwd' }, 'CaFile'],
  [{ ca_File: '/etc/passwd' }, 'ca_File'],
  [{ _ca_file: '/etc/passwd' }, '_ca_file'],
  [{ ca__file: '/etc/passwd' }, 'ca__file'],
  [{ baseUrl: 'https://a.example' }, 'baseUrl'],
  [{ ratePerSecond: 5 }, 'ratePerSecond'],
  [{ credentials: { apiKey: 're_very_secret' } }, 'credentials.apiKey'],
  [{ receipts: { topicArn: 'arn:aws:sns:a' } }, 'receipts.topicArn'],
  [{ price_per_segment: { Amount: 1, currency: 'EUR' } }, 'price_per_segment.Amount'],
  [{ provider: 'fcm', credentials: { tokenUri: 'http://10.0.0.1/' } }, 'credentials.tokenUri'],
])('a field has one spelling at every depth, snake_case: %j is refused', (words, path) => {
  expect(errorsOf({ ...RESEND, ...words })).toEqual({ [path]: expect.stringContaining('snake_case') });
});

test('every camelCase field of every provider is refused in a form', () => {
  for (const { shape } of AccountSettings.options)
    for (const field of Object.keys(shape).filter((name) => /[A-Z]/.test(name)))
      expect(errorsOf({ ...RESEND, [field]: 'x' }), field).toHaveProperty([field]);
});

test('an account as fields does not show the path of a file of the server', () => {
  expect(settingsAsFields({ from: RESEND.from, caFile: '/etc/carillon/ca.pem' })).toEqual({
    from: RESEND.from,
  });
});

test('every provider lists its fields, and none of them is a secret or a name of the account', () => {
  expect(PROVIDERS).toHaveLength(12);
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

test('the name and the timeouts of an SMTP account are fields like any other', () => {
  const words = {
    id: 'relay',
    provider: 'smtp',
    environments: ['live'],
    from: RESEND.from,
    host: 'smtp.acme.example',
    port: 587,
    ehlo_name: 'mail.acme.example',
    greeting_timeout_ms: 60_000,
  };
  expect(settingsFromFields(words)).toMatchObject({
    settings: { ehloName: 'mail.acme.example', greetingTimeoutMs: 60_000 },
  });
  expect(errorsOf({ ...words, greeting_timeout_ms: 300_001 })).toEqual({
    greeting_timeout_ms: 'must be 300000 ms at most',
  });
  expect(fieldsOf('smtp')!.settings).toEqual(
    expect.arrayContaining([
      'ehlo_name',
      'connect_timeout_ms',
      'greeting_timeout_ms',
      'command_timeout_ms',
      'data_timeout_ms',
    ]),
  );
});
