import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Acceptance, Ledger, type Memory } from './ledger.ts';
import { postGeneric, readLedger } from './under-test.ts';

let directory: string;
let file: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ledger-'));
  file = join(directory, 'ledger.ndjson');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

const entry = (to: string, notificationId: string | null = null): Acceptance => ({
  provider: 'generic',
  channel: 'email',
  to,
  notification_id: notificationId,
  attempt_id: null,
  idempotency_key: null,
  subject: 'Größe "quoted"\n',
});

const accept = (ledger: Ledger, entries: Acceptance[], memory?: Memory) =>
  new Promise<void>((resolve, reject) => {
    ledger.accept(entries, memory, (error) => (error === null ? resolve() : reject(error)));
  });

async function read(ledger: Ledger, after = 0, limit?: number) {
  let text = '';
  for await (const piece of ledger.read(after, limit)) text += piece.toString('utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { seq: number; to: string });
}

/** The process as deployed; resolves with its URL once it listens. */
async function spawnSimulator(): Promise<{ child: ChildProcess; url: string }> {
  const ports = { SIMULATOR_PORT: '0', SIMULATOR_TLS_PORT: '0', SIMULATOR_SMTP_PORT: '0' };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, ...ports, SIMULATOR_DATA: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code} before it listened`)));
    child.stdout!.once('data', (text) => resolve(/http:\/\/[\d.:]+/.exec(String(text))![0]));
  });
  return { child, url };
}

test('every acceptance that was answered is in the ledger after kill -9 in the middle of the load', async () => {
  const answered = new Set<string>();
  const first = await spawnSimulator();
  const exited = new Promise((resolve) => first.child.once('exit', resolve));
  let isDead = false;
  let n = 0;
  const sender = async () => {
    while (!isDead) {
      const id = `message-${++n}`;
      try {
        const answer = await postGeneric(first.url, { notification_id: id });
        if (answer.status === 200) answered.add(id);
      } catch {
        isDead = true;
      }
      if (answered.size === 500) first.child.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: 20 }, sender));
  await exited;
  expect(answered.size).toBeGreaterThanOrEqual(500);

  const second = await spawnSimulator();
  const before = await readLedger(second.url);
  await postGeneric(second.url, { notification_id: 'after' });
  const lines = await readLedger(second.url);
  const written = lines.map((line) => line.notification_id!);
  expect([...answered].filter((id) => !written.includes(id))).toEqual([]);
  expect(new Set(written).size).toBe(written.length);
  expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index + 1));
  expect(lines.at(-1)).toMatchObject({ seq: before.length + 1, notification_id: 'after' });
});

test('SIGTERM answers pending requests and ends with exit code 0', async () => {
  const { child, url } = await spawnSimulator();
  const slow = postGeneric(url, { to: 'slow@example.com', notification_id: 'slow' });
  const silent = postGeneric(url, { to: 'timeout@example.com' }).then(
    () => 'answered',
    () => 'cut',
  );
  for (let lines = 0; lines < 2; ) lines = (await readLedger(url)).length;
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  child.kill('SIGTERM');
  expect((await slow).status).toBe(200);
  expect(await silent).toBe('cut');
  expect(await exited).toEqual({ code: 0, signal: null });
});

test('a partial line from a killed process is truncated at startup, and its number is reused', async () => {
  const ledger = new Ledger(directory);
  await accept(ledger, [entry('one'), entry('two')]);
  ledger.close();
  appendFileSync(file, '{"seq":3,"at":"2026-01-01T00:00:00.000Z","provider":"gen');

  const again = new Ledger(directory);
  expect(again.lastSeq).toBe(2);
  await accept(again, [entry('three')]);
  expect(await read(again)).toMatchObject([
    { seq: 1, to: 'one' },
    { seq: 2, to: 'two' },
    { seq: 3, to: 'three' },
  ]);
  again.close();
});

test('a whole invalid line at the end, as after a power failure, is truncated too', async () => {
  const ledger = new Ledger(directory);
  await accept(ledger, [entry('one')]);
  ledger.close();
  appendFileSync(file, `${'\0'.repeat(300_000)}\n`);
  const again = new Ledger(directory);
  expect(again.lastSeq).toBe(1);
  expect(await read(again)).toHaveLength(1);
  again.close();
});

test('a memory whose acceptance never reached the file is discarded', async () => {
  const ledger = new Ledger(directory);
  await accept(ledger, [entry('one')], { provider: 'resend', key: 'kept' });
  const size = statSync(file).size;
  await accept(ledger, [entry('two')], { provider: 'resend', key: 'lost' });
  ledger.close();
  truncateSync(file, size);

  const again = new Ledger(directory);
  expect(again.memories('resend')).toMatchObject([{ key: 'kept', seq: 1 }]);
  await accept(again, [entry('other')]);
  again.close();
  expect(new Ledger(directory).memories('resend')).toHaveLength(1);
});

test('reading begins after any number and stops at the limit, over many blocks of the file', async () => {
  const ledger = new Ledger(directory);
  const long = 'x'.repeat(400);
  for (let group = 0; group < 30; group++) {
    await accept(
      ledger,
      Array.from({ length: 100 }, (_, i) => entry(`${group}-${i}-${i % 7 === 0 ? long : ''}`)),
    );
  }
  expect(statSync(file).size).toBeGreaterThan(512 * 1024);
  expect((await read(ledger)).map((line) => line.seq)).toEqual(
    Array.from({ length: 3_000 }, (_, i) => i + 1),
  );
  for (const after of [0, 1, 2, 1_499, 1_500, 2_345, 2_998, 2_999, 3_000, 9_999]) {
    const [first] = await read(ledger, after, 1);
    expect(first?.seq).toBe(after < 3_000 ? after + 1 : undefined);
  }
  expect((await read(ledger, 1_000, 700)).map((line) => line.seq)).toEqual(
    Array.from({ length: 700 }, (_, i) => i + 1_001),
  );
  ledger.close();
});

test('a notification is counted over the whole file, and never by the text of a subject', async () => {
  const ledger = new Ledger(directory);
  const filler = Array.from({ length: 2_000 }, (_, i) => entry('x'.repeat(300), `other-${i}`));
  await accept(ledger, [entry('a', 'wanted'), ...filler, entry('b', 'wanted')]);
  await accept(ledger, [{ ...entry('c'), subject: '"notification_id":"wanted",' }]);
  expect(await ledger.count('wanted')).toBe(2);
  expect(await ledger.count('want')).toBe(0);
  ledger.close();
});

test('a line holds exactly the fields of the contract, in their order', async () => {
  const ledger = new Ledger(directory);
  await accept(ledger, [entry('one')]);
  ledger.close();
  const line = readFileSync(file, 'utf8');
  expect(Object.keys(JSON.parse(line))).toEqual([
    'seq',
    'at',
    'provider',
    'channel',
    'to',
    'notification_id',
    'attempt_id',
    'idempotency_key',
    'subject',
  ]);
});

test.runIf(existsSync('/dev/full'))('on a full disk nothing is accepted, remembered or counted', async () => {
  symlinkSync('/dev/full', file);
  const ledger = new Ledger(directory);
  await expect(accept(ledger, [entry('one')], { provider: 'resend' })).rejects.toThrow(/ENOSPC/);
  expect([ledger.lastSeq, ledger.accepted('generic'), ledger.recent('generic')]).toEqual([0, 0, []]);
  expect(ledger.memories('resend')).toEqual([]);
  ledger.close();
});
