import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseConfig } from './config.ts';
import { errorSettings } from './error-settings.ts';

const schema = z.object(errorSettings());

test.each([
  'https://0123456789abcdef@o1.ingest.sentry.example/42',
  'https://key:secret@errors.example:8443/below/1',
  'http://k@[::1]:9000/1',
])('%s is a DSN', (SENTRY_DSN) => {
  expect(parseConfig(schema, { SENTRY_DSN })).toEqual({ SENTRY_DSN });
});

test.each([
  'errors.example',
  'https://errors.example/1',
  'https://key@errors.example',
  'https://key@errors.example/project',
  'ftp://key@errors.example/1',
  'https://key@errors.example:99999/1',
])('%s is refused with the form it must have', (SENTRY_DSN) => {
  expect(() => parseConfig(schema, { SENTRY_DSN })).toThrow(
    `SENTRY_DSN="${SENTRY_DSN}" is no DSN: it must look like https://<key>@<host>/<number of the project>. It is: where`,
  );
});

test('the secret of an old DSN is not shown', () => {
  expect(() => parseConfig(schema, { SENTRY_DSN: 'https://key:hidden@errors.example/' })).toThrow(
    /^(?!.*hidden)/s,
  );
});

test('names with spaces are refused', () => {
  expect(() => parseConfig(schema, { SENTRY_RELEASE: 'a b', SENTRY_ENVIRONMENT: 'c d' })).toThrow(
    /2 problem/,
  );
});
