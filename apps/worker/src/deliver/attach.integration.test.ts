import { randomUUID } from 'node:crypto';
import type { EmailMessage } from '@carillon/core/notification/message';
import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import { notificationId } from '@carillon/core/text/ids';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { laneContext } from '../../../../test/support/delivery-context.ts';
import type { GetResult } from '../events/guarded-get.ts';
import { attach } from './attach.ts';
import { DEFAULT_SETTINGS } from './category-settings.ts';
import type { Claimed } from './claimed.ts';

const MIB = 1024 * 1024;
const MAIL: EmailMessage = { channel: 'email', to: 'ada@example.test', subject: 'News', text: 'Hi' };

let database: TestDatabase;
let db: Database;
let memory: PrioritySemaphore;
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
  memory = new PrioritySemaphore(100);
  asked = [];
  got = { content: Buffer.from('fetched'), contentType: 'image/png' };
});

const attachFiles = (claimed: Claimed, stopping?: AbortSignal) =>
  attach(
    laneContext({
      sql: db.sql,
      files: {
        get: async (url, maxBytes) => {
          asked.push({ url, maxBytes });
          return got;
        },
      },
      fileMemory: memory,
      memoryWaitMs: 1,
      categories: { settingsFor: () => ({ ...DEFAULT_SETTINGS, backoffSeconds: [7] }) },
      ...(stopping ? { stopping } : {}),
    }),
    claimed,
    MAIL,
  );

const isFree = async (bytes: number) => {
  const giveBack = await memory.acquire({ weight: bytes, timeoutMs: 1 });
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
  const attached = await attachFiles(claimed);
  if (!attached.ok) throw new Error(JSON.stringify(attached.end));
  expect((attached.message as EmailMessage).attachments).toEqual([
    { filename: '0.bin', contentType: 'text/plain', content: Buffer.from('one').toString('base64') },
    { filename: '1.bin', contentType: 'image/png', content: Buffer.from('fetched').toString('base64') },
  ]);
  expect(await isFree(60)).toBe(false);
  attached.detach();
  expect(await isFree(60)).toBe(true);
});

test('most messages have none: nothing is queried and no memory is held', async () => {
  const claimed = await claimedWith([], undefined);
  expect(await attachFiles({ ...claimed, options: null } as Claimed)).toMatchObject({
    ok: true,
    message: MAIL,
  });
  expect(await isFree(100)).toBe(true);
});

test('a file that does not fit next to the others waits at no cost', async () => {
  const claimed = await claimedWith([{ content: Buffer.from('x'), type: 'a/b' }], 60);
  const other = (await memory.acquire({ weight: 50, timeoutMs: 1 }))!;
  expect(await attachFiles(claimed)).toMatchObject({ ok: false, end: { kind: 'unsent', retryInMs: 2_000 } });
  other();
  expect(await attachFiles(claimed)).toMatchObject({ ok: true });
});

test('a file is fetched once, whatever its URL returns later', async () => {
  const claimed = await claimedWith([{ url: 'https://files.test/1' }]);
  for (const content of ['fetched', 'changed']) {
    got = { content: Buffer.from(content), contentType: null };
    const attached = await attachFiles(claimed);
    if (!attached.ok) throw new Error('not attached');
    const [file] = (attached.message as EmailMessage).attachments!;
    expect(Buffer.from(file!.content, 'base64').toString()).toBe('fetched');
    expect(file!.contentType).toBe('application/octet-stream');
    attached.detach();
  }
  expect(asked).toHaveLength(1);
});

test('a type given in the request wins over the type from the server', async () => {
  const attached = await attachFiles(
    await claimedWith([{ url: 'https://files.test/1', type: 'text/calendar' }]),
  );
  expect(attached).toMatchObject({ message: { attachments: [{ contentType: 'text/calendar' }] } });
});

test('each may have 10 MiB, and all together no more than 20', async () => {
  const files = [1, 2, 3].map((n) => ({ url: `https://files.test/${n}` }));
  got = { content: Buffer.alloc(8 * MIB), contentType: null };
  const attached = await attachFiles(await claimedWith(files));
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
  const attached = await attachFiles(await claimedWith([{ url: 'https://files.test/secret' }]));
  expect(attached).toMatchObject({ ok: false, end });
  expect(JSON.stringify(attached)).not.toContain('secret');
  expect(await isFree(100)).toBe(true);
});

test('files of a recipient erased meanwhile are not sent, nor is the message without them', async () => {
  const claimed = await claimedWith([]);
  expect(await attachFiles(claimed)).toMatchObject({ ok: false, end: { kind: 'impossible' } });
  expect(await isFree(100)).toBe(true);
});

test('a process that stops gives the message back instead of failing the URL', async () => {
  got = { error: 'aborted', again: true };
  const attached = await attachFiles(
    await claimedWith([{ url: 'https://files.test/1' }]),
    AbortSignal.abort(),
  );
  expect(attached).toMatchObject({ ok: false, end: { kind: 'unsent', retryInMs: 0 } });
});
