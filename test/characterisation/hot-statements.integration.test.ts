import { randomUUID } from 'node:crypto';
import type { Ending } from '@carillon/core/notification/attempt-end';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { recordAccepted } from '@carillon/db/attempts/record-accepted';
import { recordOutcomes } from '@carillon/db/attempts/record-outcomes';
import { releaseClaims } from '@carillon/db/attempts/release-claims';
import { knowArrays } from '@carillon/db/connection/arrays';
import { acceptNotifications, type NewNotification } from '@carillon/db/notifications/accept-notifications';
import { takeOutbox } from '@carillon/db/outbox/take-outbox';
import { findSuppressions } from '@carillon/db/recipients/suppressions';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { expectGolden } from '../support/golden.ts';
import { insertApp } from '../support/rows.ts';

let database: TestDatabase;
let sql: Sql;
let appId: string;
/** What went to PostgreSQL, as the driver sent it. */
let sent: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, {
    max: 1,
    fetch_types: false,
    debug: (_connection, query) => sent.push(query.replaceAll(/\s+/g, ' ').trim()),
  });
  knowArrays(sql);
  appId = await insertApp(sql);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const row = (more: Partial<NewNotification> = {}): NewNotification => ({
  id: randomUUID(),
  app_id: appId,
  environment: 'test',
  priority: 'normal',
  channel: 'email',
  route: ['email'],
  address: { email: 'ada@example.test' },
  content: { subject: 'S', text: 'T' },
  idempotency_key: randomUUID(),
  request_hash: `\\x${'00'.repeat(32)}`,
  ...more,
});

const FILE = { filename: 'a.txt', content_type: 'text/plain', content: 'QQ==' };

test('the hot statements reach PostgreSQL with the text whose plans were measured', async () => {
  const texts: Record<string, string[]> = {};
  const recorded = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    sent = [];
    const result = await run();
    texts[name] = sent.filter((text) => !/^(begin|commit)\b/i.test(text));
    return result;
  };
  const leaseToken = randomUUID();
  const [plain, other] = [row(), row()];
  const accept = (name: string, rows: NewNotification[]) =>
    recorded(name, () => acceptNotifications(sql, rows, 300_000));

  const { ids } = await accept('accept', [plain, other]);
  expect(ids).toHaveLength(2);
  await accept('accept with an ordering key', [row({ ordering_key: 'k' })]);
  await accept('accept with an attachment', [row({ attachments: [FILE] })]);
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await accept('accept with a trace', [row({ traceparent })]);
  await accept('accept with both', [row({ ordering_key: 'k', attachments: [FILE] })]);
  const take = (passLocked: boolean) =>
    sql.begin((tx) => takeOutbox(tx, ['email-normal'], 1_000, 100, { passLocked }));
  expect(await recorded('take-outbox', () => take(false))).not.toHaveLength(0);
  await recorded('take-outbox that passes locked rows', () => take(true));
  const claim = { channel: 'email', provider: 'smtp', leaseToken, leaseMs: 30_000 } as const;
  expect(await recorded('claim', () => claimNotifications(sql, ids, claim))).toHaveLength(2);
  await recorded('find-suppressions', () =>
    findSuppressions(sql, [{ appId, environment: 'test', channel: 'email', hash: Buffer.alloc(32) }]),
  );
  const ended = { n: 1, leaseToken, phase: 'answered', provider: 'smtp', latencyMs: 5 } as const;
  const accepted: Ending = {
    ...ended,
    id: plain.id,
    state: 'sent',
    outcome: 'accepted',
    providerMessageId: 'their-1',
  };
  expect(await recorded('record-accepted', () => recordAccepted(sql, [accepted]))).toEqual(
    new Set([plain.id]),
  );
  await recorded('record-outcomes', () => recordOutcomes(sql, [accepted]));
  const release = { id: other.id, n: 1, leaseToken, state: 'retrying', reason: 'r', dueInMs: 10 } as const;
  expect(await recorded('release', () => releaseClaims(sql, [release]))).toEqual(new Set([other.id]));

  for (const [name, statements] of Object.entries(texts)) expect(statements, name).toHaveLength(1);
  expectGolden(
    'hot-statements.sql',
    Object.entries(texts)
      .map(([name, [text]]) => `-- ${name}\n${text}\n`)
      .join('\n'),
  );
});
