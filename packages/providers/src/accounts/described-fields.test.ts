import { expect, test } from 'vitest';
import { DEFINITIONS, definitionOf, type ProviderId } from '../providers.ts';
import { describedFields } from './described-fields.ts';
import { fieldsOf, settingsFromFields } from './form-fields.ts';

const field = (provider: ProviderId, name: string) =>
  describedFields(definitionOf(provider)).find((each) => each.name === name);
const SAMPLE = { text: 'x', url: 'https://x', integer: 1, number: 1, boolean: true, choice: 'x' } as const;

test('each provider offers every setting and credential that its schema has, and no other', () => {
  for (const provider of DEFINITIONS) {
    const named = describedFields(provider).map(({ name }) => name);
    expect(new Set(named).size, provider.id).toBe(named.length);
    const { settings, credentials } = fieldsOf(provider.id)!;
    const roots = new Set(named.map((name) => name.split('.')[0]));
    const wanted = settings.filter(
      (name) => !/^(order|weight|prefixes|price_per_segment|rate_per_second)$/.test(name),
    );
    expect([...roots], provider.id).toEqual(expect.arrayContaining(wanted));
    expect(named, provider.id).toEqual(
      expect.arrayContaining(credentials.map((name) => `credentials.${name}`)),
    );
    expect(named, provider.id).not.toContain('ca_file');
  }
});

test('every field has a label and a help text', () => {
  for (const provider of DEFINITIONS)
    for (const { name, label, help } of describedFields(provider)) {
      expect(label, `${provider.id} ${name}`).toMatch(/^[A-Z]/);
      expect(help, `${provider.id} ${name}`).toMatch(/\S.{9,}/);
    }
});

test('a request that gives every field by its name is refused for values only, never for a name', () => {
  for (const provider of DEFINITIONS) {
    const words: Record<string, unknown> = { id: 'a', provider: provider.id };
    for (const { name, type } of describedFields(provider)) {
      const [root, member] = name.split('.') as [string, string | undefined];
      const value = type === 'texts' || type === 'choices' ? ['x'] : SAMPLE[type];
      if (member === undefined) words[root] = value;
      else words[root] = { ...(words[root] as object), [member]: value };
    }
    const read = settingsFromFields(words);
    const names =
      'errors' in read ? read.errors.filter(({ message }) => /is no field|is missing/.test(message)) : [];
    expect(names, provider.id).toEqual([]);
  }
});

test('the fields that a provider requires are those that an empty account is refused for', () => {
  for (const provider of DEFINITIONS) {
    const read = settingsFromFields({ id: 'a', provider: provider.id, credentials: {} });
    const missing =
      'errors' in read ? read.errors.flatMap(({ path }) => (path === 'credentials' ? [] : [path])) : [];
    const required = describedFields(provider).flatMap((each) => (each.required ? [each.name] : []));
    const inGroup = describedFields(provider).flatMap(({ name, group, requiredInGroup }) =>
      group === 'credentials' && requiredInGroup ? [name] : [],
    );
    // Twilio: one of two senders, which no single field says.
    expect(new Set([...required, ...inGroup]), provider.id).toEqual(
      new Set(missing.filter((path) => path !== 'from' || required.includes('from'))),
    );
  }
});

test('bounds, choices, defaults and what is sealed come from the schema', () => {
  expect(field('smtp', 'port')).toMatchObject({
    type: 'integer',
    required: true,
    minimum: 1,
    maximum: 65_535,
  });
  expect(field('termii', 'route')).toMatchObject({
    type: 'choice',
    options: ['generic', 'dnd', 'whatsapp'],
    default: 'generic',
  });
  expect(field('ses', 'order')).toMatchObject({ default: 18, secret: false });
  expect(field('smtp', 'dkim.private_key')).toMatchObject({
    label: 'DKIM private key',
    secret: true,
    multiline: true,
    required: false,
    requiredInGroup: true,
    group: 'dkim',
  });
  expect(field('resend', 'credentials.api_key')).toMatchObject({
    label: 'API key',
    secret: true,
    required: true,
    default: null,
  });
  expect(field('resend', 'environments')).toMatchObject({ type: 'choices', options: ['live', 'test'] });
});

test('a field is offered only where it means something', () => {
  expect(field('resend', 'prefixes')).toBeUndefined();
  expect(field('twilio', 'prefixes')).toMatchObject({ type: 'texts' });
  expect(field('ses', 'receipts.topic_arn')).toMatchObject({ secret: true });
  expect(field('resend', 'receipts.topic_arn')).toBeUndefined();
  expect(field('smtp', 'receipts.secrets')).toBeUndefined();
});

test("a provider's key file keeps its own field names", () => {
  expect(field('fcm', 'credentials.private_key')).toMatchObject({ multiline: true, required: true });
  expect(field('fcm', 'credentials.token_uri')).toMatchObject({
    required: false,
    default: 'https://oauth2.googleapis.com/token',
  });
});
