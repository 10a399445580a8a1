import { randomUUID } from 'node:crypto';
import { notificationId } from '@carillon/core/ids';
import type { EmailMessage } from '@carillon/core/message';
import { type Database, openDatabase } from '@carillon/db/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import type { GetResult } from '../emit/guarded-get.ts';
import { createAttach } from './attach.ts';
import { type ByteBudget, byteBudget } from './byte-budget.ts';
import { DEFAULT_SETTINGS } from './category-settings.ts';
import type { Claimed } from './steps.ts';

const MIB = 1024 * 1024;
const MAIL: EmailMessage = { channel: 'email', to: 'ada@example.test', subject: 'News', text: 'Hi' };

let database: TestDatabase;
let db: Database;
let budget: ByteBudget;
let asked: { url: string; maxBytes: number }[];
let got: GetResult;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(() => {
  budget = byteBudget(100);
  asked = [];
  got = { content: Buffer.from('fetched'), contentType: 'image/png' };
});

const attach = (claimed: Claimed, stopping?: AbortSignal) =>
  createAttach({
    sql: db.sql,
    http: {
      get: async (url, maxBytes) => {
        asked.push({ url, maxBytes });
        return got;
      },
    },
    budget,
    categories: { settingsFor: () => ({ ...DEFAULT_SETTINGS, backoffSeconds: [7] }) },
    maxWaitMs: 1,
    ...(stopping ? { stopping } : {}),
  })(claimed, MAIL);

const isFree = async (bytes: number) => {
  const giveBack = await budget.take(bytes, 1);
  giveBack?.();
  return giveBack !== null;
};

interface File {
  content?: Buffer;
  url?: string;
  type?: string;
}

async function claimedWith(files: File[], bytes: number | undefined = 60): Promise<Claimed> {
  const id = notificationId(randomUUID(), 'live', randomUUID());
  for (const [position, { content = null, url = null, type = '' }] of files.entries()) {
    await db.sql`
      insert into attachments (notification_id, position, filename, content_type, content, url, size_bytes)
      values (${id}, ${position}, ${`${position}.bin`}, ${type}, ${content}, ${url}, ${content?.length ?? null})`;
  }
  const options = bytes === undefined ? null : { attachments_bytes: bytes };
  return { id, app_id: randomUUID(), environment: 'live', category: null, options } as unknown as Claimed;
}

test('files are attached in their order, and their memory is held until it is given back', async () => {
  const claimed = await claimedWith([
    { content: Buffer.from('one'), type: 'text/plain' },
    { url: 'https://files.test/2' },
  ]);
  const attached = await attach(claimed);
  if (!attached.ok) throw new Error(JSON.stringify(attached.end));
  expect((attached.message as EmailMessage).attachments).toEqual([
    { filename: '0.bin', contentType: 'text/plain', content: Buffer.from('one').toString('base64') },
    { filename: '1.bin', contentType: 'image/png', content: Buffer.from('fetched').toString('base64') },
  ]);
  expect(await isFree(60)).toBe(false);
  attached.detach();
  expect(await isFree(60)).toBe(true);
});

test('most messages have none: nothing is asked and nothing held', async () => {
  const claimed = await claimedWith([], undefined);
  expect(await attach({ ...claimed, options: null } as Claimed)).toMatchObject({ ok: true, message: MAIL });
  expect(await isFree(100)).toBe(true);
});

test('what does not fit beside the others waits at no cost', async () => {
  const claimed = await claimedWith([{ content: Buffer.from('x'), type: 'a/b' }], 60);
  const other = (await budget.take(50, 1))!;
  expect(await attach(claimed)).toMatchObject({ ok: false, end: { kind: 'unsent', retryInMs: 2_000 } });
  other();
  expect(await attach(claimed)).toMatchObject({ ok: true });
});

test('a file is fetched once, whatever its address says later', async () => {
  const claimed = await claimedWith([{ url: 'https://files.test/1' }]);
  for (const content of ['fetched', 'changed']) {
    got = { content: Buffer.from(content), contentType: null };
    const attached = await attach(claimed);
    if (!attached.ok) throw new Error('not attached');
    const [file] = (attached.message as EmailMessage).attachments!;
    expect(Buffer.from(file!.content, 'base64').toString()).toBe('fetched');
    expect(file!.contentType).toBe('application/octet-stream');
    attached.detach();
  }
  expect(asked).toHaveLength(1);
});

test('a type that the request gave wins over what the server says', async () => {
  const attached = await attach(await claimedWith([{ url: 'https://files.test/1', type: 'text/calendar' }]));
  expect(attached).toMatchObject({ message: { attachments: [{ contentType: 'text/calendar' }] } });
});

test('each may have 10 MiB, and all together no more than 20', async () => {
  const files = [1, 2, 3].map((n) => ({ url: `https://files.test/${n}` }));
  got = { content: Buffer.alloc(8 * MIB), contentType: null };
  const attached = await attach(await claimedWith(files));
  expect(attached.ok).toBe(true);
  expect(asked.map(({ maxBytes }) => maxBytes)).toEqual([10 * MIB, 10 * MIB, 4 * MIB]);
});

test.each<[string, GetResult, object]>([
  [
    'now',
    { error: 'answered 503', again: true },
    { kind: 'unready', code: 'attachment_unreachable', schedule: [7] },
  ],
  ['ever', { error: 'answered 404', again: false }, { kind: 'impossible', code: 'attachment_unavailable' }],
])('a file that does not come %s ends the attempt, and nothing stays held', async (_, result, end) => {
  got = result;
  const attached = await attach(await claimedWith([{ url: 'https://files.test/secret' }]));
  expect(attached).toMatchObject({ ok: false, end });
  expect(JSON.stringify(attached)).not.toContain('secret');
  expect(await isFree(100)).toBe(true);
});

test('files of somebody who was erased meanwhile are not sent, nor is the message without them', async () => {
  const claimed = await claimedWith([]);
  expect(await attach(claimed)).toMatchObject({ ok: false, end: { kind: 'impossible' } });
  expect(await isFree(100)).toBe(true);
});

test('a process that stops gives the message back instead of blaming the address', async () => {
  got = { error: 'aborted', again: true };
  const attached = await attach(await claimedWith([{ url: 'https://files.test/1' }]), AbortSignal.abort());
  expect(attached).toMatchObject({ ok: false, end: { kind: 'unsent', retryInMs: 0 } });
});
