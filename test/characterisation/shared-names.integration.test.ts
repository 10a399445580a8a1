import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LANES } from '@carillon/core/notification/lane';
import {
  attemptId,
  chunkId,
  eventKey,
  notificationId,
  parseAttemptId,
  randomIdempotencyKey,
} from '@carillon/core/text/ids';
import { PROBLEMS } from '@carillon/core/text/problem';
import { EVENT_TYPES } from '@carillon/core/webhook/event';
import { WAKE_CHANNEL } from '@carillon/db/outbox/wake';
import { EVENT_QUEUE, eventPrefix, openEventQueue } from '@carillon/queue/event-queue';
import { JOB_NAMES, JOB_VERSION } from '@carillon/queue/job-data';
import { prefixOf } from '@carillon/queue/topology';
import { describe, expect, test } from 'vitest';
import { laneBundle } from '../support/lanes.ts';
import { keysOf } from '../support/redis-keys.ts';

/**
 * What processes of two releases agree on while they run side by side. A change here needs a release that understands
 * both names, and a release after it that drops the old one.
 */

const ID = '3f0c1c9e-9d2b-8f00-8000-000000000001';
const OTHER_ID = '3f0c1c9e-9d2b-8f00-8000-000000000002';

test('the queues are these, each with a hash tag of its own', () => {
  expect([...LANES].sort()).toEqual([
    'email-bulk',
    'email-critical',
    'email-normal',
    'in_app-bulk',
    'in_app-critical',
    'in_app-normal',
    'push-bulk',
    'push-critical',
    'push-normal',
    'sms-bulk',
    'sms-critical',
    'sms-normal',
  ]);
  expect(prefixOf('email-normal', 'ns')).toBe('{ns:email-normal}');
  expect([EVENT_QUEUE, eventPrefix('ns')]).toEqual(['events', '{ns:events}']);
});

test('jobs lie in Redis under these keys, with these names, ids and payloads', async () => {
  const bundle = await laneBundle();
  const events = openEventQueue(bundle.redis, bundle.namespace);
  try {
    const delivery = { eventId: ID, endpointId: OTHER_ID };
    await bundle.producer.publish('email-normal', { ids: [ID] });
    await bundle.producer.publish('sms-bulk', { ids: [ID, OTHER_ID], chunk: true });
    await events.publish([delivery]);
    await events.hurry([delivery]);

    const chunk = 'chunk_8bbcc96c59e481cb17754debd77a1420';
    const keys = (await keysOf(bundle.redis, `*${bundle.namespace}*`)).map((key) =>
      key.replace(bundle.namespace, 'NS'),
    );
    expect(keys).toEqual(
      expect.arrayContaining([
        '{NS:email-normal}:email-normal:wait',
        `{NS:email-normal}:email-normal:${ID}`,
        `{NS:sms-bulk}:sms-bulk:${chunk}`,
        `{NS:events}:events:${ID}_${OTHER_ID}`,
      ]),
    );
    expect(JOB_NAMES).toEqual({ deliver: 'deliver', chunk: 'chunk', canary: 'canary' });
    expect(JOB_VERSION).toBe(1);
    expect(await bundle.producer.queue('email-normal').getJob(ID)).toMatchObject({
      name: 'deliver',
      data: { v: 1, id: ID },
    });
    expect(await bundle.producer.queue('sms-bulk').getJob(chunk)).toMatchObject({
      name: 'chunk',
      data: { v: 1, ids: [ID, OTHER_ID] },
    });
    expect(await events.queue.getJob(`${ID}_${OTHER_ID}`)).toMatchObject({
      name: 'emit',
      data: { v: 1, event: ID, endpoint: OTHER_ID },
    });
  } finally {
    await events.close();
    await bundle.close();
  }
});

test('ids are derived from the same parts as before: a repeat must find the row of the first request', () => {
  expect(notificationId('11111111-1111-4111-8111-111111111111', 'live', 'key-1')).toBe(
    'c8c0a1c3-5380-8223-bd5e-2af67d252185',
  );
  expect(attemptId(ID, 3)).toBe(`${ID}/3`);
  expect(parseAttemptId(`${ID}/3`)).toEqual({ notificationId: ID, n: 3 });
  expect(eventKey('user_42', 'order_shipped', 'event-1')).toBe(
    'evt_a1648385174aede2dba5c50859d734375d09e4f9796925020da0c974d2e3b899',
  );
  expect(chunkId([ID, OTHER_ID])).toBe('chunk_8bbcc96c59e481cb17754debd77a1420');
  expect(randomIdempotencyKey()).toMatch(/^auto_[0-9a-f]{32}$/);
});

describe('names inside the sources', () => {
  const ROOT = path.join(import.meta.dirname, '../..');
  const sources = ['apps', 'packages', 'db']
    .flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter(
          (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('node_modules'),
        )
        .map((name) => path.join(ROOT, folder, name)),
    )
    .map((file) => readFileSync(file, 'utf8'));
  const found = (pattern: RegExp, text: (match: RegExpExecArray) => string): string[] =>
    [...new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map(text)))].sort();

  test('Redis keys are made of the namespace and these', () => {
    const keys = found(/`(\{?)\$\{[\w.]*namespace\}:([^`]*)`/gi, (match) =>
      `${match[1]}NS:${match[2]}`.replaceAll(/\$\{[^}]*\}/g, '*'),
    );
    expect(keys).toEqual([
      'NS:inbox:*',
      'NS:rate:*',
      '{NS:*}',
      '{NS:breaker:*}',
      '{NS:breaker:*}:asked:*',
      '{NS:epoch}',
      '{NS:lead}',
      '{NS:rate:*}',
      '{NS:writable}',
    ]);
  });

  test('advisory locks are taken by these names', () => {
    expect(found(/hashtext\('([^']+)'\)/g, (match) => match[1]!)).toEqual([
      'carillon.apps',
      'carillon.epoch',
      'carillon.installation',
      'carillon.order',
      'carillon.provider_accounts',
      'carillon.staff',
      'carillon.webhook_endpoints',
    ]);
    const extended = /hashtextextended\((?:\$\{`|')([a-z]+:)/g;
    expect(found(extended, (match) => match[1]!)).toEqual(['caps:', 'device:', 'message:']);
    // A lock without a name in this list would be found here.
    const all = found(/pg_(?:try_)?advisory\w*\((?!hashtext)\W*(\w+)/g, (match) => match[1]!);
    expect(all).toEqual(['MIGRATION_LOCK', 'key']);
    expect(found(/\bMIGRATION_LOCK = ([\d_]+)/g, (match) => match[1]!)).toEqual(['726_001']);
  });

  test('PostgreSQL wakes relays by this channel and no other', () => {
    expect(WAKE_CHANNEL).toBe('carillon_outbox');
    expect(found(/pg_notify\(\W*(\w+)|\bnotify \w+/g, (match) => match[1] ?? match[0])).toEqual([
      'WAKE_CHANNEL',
    ]);
    expect(found(/\blisten\(\s*([A-Z_]+)/g, (match) => match[1]!)).toEqual(['WAKE_CHANNEL']);
  });
});

test('problem codes are these, each with the status it always had', () => {
  expect(Object.fromEntries(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]))).toEqual({
    malformed_json: 400,
    malformed_request: 400,
    unauthenticated: 401,
    forbidden: 403,
    wrong_environment: 403,
    not_found: 404,
    method_not_allowed: 405,
    request_timeout: 408,
    idempotency_conflict: 409,
    conflict: 409,
    invalid_state: 409,
    too_large: 413,
    unsupported_media_type: 415,
    expectation_failed: 417,
    invalid_request: 422,
    unknown_template: 422,
    unknown_audience: 422,
    empty_audience: 422,
    not_published: 422,
    stale_review: 409,
    missing_variables: 422,
    unknown_recipient: 422,
    no_contact_point: 422,
    rate_limited: 429,
    headers_too_large: 431,
    internal: 500,
    unavailable: 503,
  });
});

test('event types are these', () => {
  expect(Object.keys(EVENT_TYPES).sort()).toEqual([
    'campaign.completed',
    'campaign.failed',
    'campaign.paused',
    'notification.bounced',
    'notification.clicked',
    'notification.complained',
    'notification.dead',
    'notification.delivered',
    'notification.expired',
    'notification.failed',
    'notification.in_doubt',
    'notification.opened',
    'notification.read',
    'notification.seen',
    'notification.sent',
    'notification.suppressed',
    'provider.circuit_closed',
    'provider.circuit_opened',
    'webhook_endpoint.disabled',
  ]);
});
