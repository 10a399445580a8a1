import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { createRenderer, type RenderRequest } from './budgeted-render.ts';
import { fairQueue } from './fair-queue.ts';
import { WORK_LIMIT } from './limits.ts';
import { renderContent } from './render.ts';
import {
  createRenderPool,
  JobFailed,
  PoolBusy,
  type RenderPool,
  type RenderPoolOptions,
} from './render-pool.ts';

const open: RenderPool[] = [];
const pool = (options: RenderPoolOptions = {}): RenderPool => {
  const made = createRenderPool(options);
  open.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const request = (text: string, data: Record<string, unknown> = {}): RenderRequest => ({
  channel: 'sms',
  content: { text },
  data,
  options: {},
});
const job = (text: string, data: Record<string, unknown> = {}) =>
  ({ kind: 'render', channel: 'sms', content: { text }, data, options: {} }) as const;
const HEAVY = request(
  `{% for i in l %}{% for j in l %}{% assign x = j %}{% endfor %}{% endfor %}{{ d | date: "%H" }}`,
  {
    l: Array(150).fill(1),
    d: '2026-11-28T10:00',
  },
);

/** A thread controlled by the text of its job. */
async function program(): Promise<URL> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'carillon-')), 'thread.mjs');
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads';
     const held = [];
     parentPort.on('message', ({ content: { text } }) => {
       if (text === 'end') process.exit(1);
       if (text === 'throw') throw new Error('broken');
       if (text === 'fill') for (;;) held.push(Array(100_000).fill(Math.random()));
       if (text === 'loop') for (;;);
       parentPort.postMessage({ ok: true, content: { text }, work: 1 });
     });
     parentPort.postMessage('ready');`,
  );
  return pathToFileURL(file);
}

describe('the pool', () => {
  test('gives the same result as rendering on this thread', async () => {
    const here = renderContent('sms', HEAVY.content, HEAVY.data);
    expect(await pool().run('app', job(HEAVY.content.text!, HEAVY.data!), 1)).toEqual(here);
    expect(here).toMatchObject({ ok: true, content: { text: '10' } });
  });

  test.each([
    ['ends', 'end'],
    ['throws', 'throw'],
    ['fills its memory', 'fill'],
    ['does not come to an end', 'loop'],
  ])('survives a job that %s: that job alone fails', async (_, text) => {
    const threads = pool({ program: await program(), memoryMb: 32, patienceMs: 1_000 });
    const [bad, good] = await Promise.allSettled([
      threads.run('a', job(text), 1),
      threads.run('b', job('fine'), 1),
    ]);
    expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(JobFailed) });
    expect(good).toMatchObject({ status: 'fulfilled', value: { content: { text: 'fine' } } });
  });

  test('a thread that does not start fails no job: the job can be tried again', async () => {
    const threads = pool({ program: new URL('file:///nowhere/thread.mjs') });
    const error: unknown = await threads.run('a', job('x'), 1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(JobFailed);
  });

  test('the waiting work is bounded for an app and for all, and refused with a time to retry', async () => {
    const threads = pool({ program: await program(), waiting: { ofParty: 10, ofAll: 25 } });
    // The thread takes the first at once.
    const kept = [threads.run('a', job('0'), 10), threads.run('a', job('1'), 8)];
    const refused: unknown = await threads.run('a', job('2'), 3).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PoolBusy);
    expect((refused as PoolBusy).retryInMs).toBeGreaterThan(0);
    kept.push(threads.run('b', job('3'), 10));
    await expect(threads.run('c', job('4'), 10)).rejects.toThrow(PoolBusy);
    expect(await Promise.all(kept)).toHaveLength(3);
  });

  test('a closed pool accepts nothing, and rejects what waits', async () => {
    const threads = pool({ program: await program() });
    const jobs = Promise.allSettled([threads.run('a', job('loop'), 1), threads.run('b', job('x'), 1)]);
    await threads.close();
    expect((await jobs).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(threads.run('a', job('x'), 1)).rejects.toThrow(PoolBusy);
  });
});

test('apps take turns, whatever one of them has waiting', () => {
  const queue = fairQueue<string>({ ofParty: 100, ofAll: 1_000 });
  for (let i = 0; i < 5; i++) queue.push('many', `many ${i}`, 1);
  queue.push('few', 'few 0', 1);
  queue.push('other', 'other 0', 1);
  queue.push('few', 'few 1', 1);
  const served = Array.from({ length: 8 }, () => queue.shift());
  expect(served).toEqual(['many 0', 'few 0', 'other 0', 'many 1', 'few 1', 'many 2', 'many 3', 'many 4']);
  expect([queue.shift(), queue.size]).toEqual([undefined, 0]);
});

describe('the renderer', () => {
  const fake = (work: number) => {
    const taken: { appId: string; expected: number }[] = [];
    const run = (async (appId: string, _: unknown, expected: number) => {
      taken.push({ appId, expected });
      return { ok: true, content: { text: 'from the pool' }, work };
    }) as unknown as RenderPool['run'];
    return { taken, run };
  };

  test('renders light templates at once and heavy ones in the pool, the next time directly', async () => {
    const { taken, run } = fake(900_000);
    const renderer = createRenderer({ run }, () => 0);
    expect(await renderer('a', request('Hi {{ n }}', { n: 'Ada' }))).toMatchObject({
      content: { text: 'Hi Ada' },
    });
    expect(taken).toEqual([]);
    const heavy = { ...HEAVY, options: { cacheKey: 'heavy/1' } };
    for (let k = 0; k < 2; k++) await renderer('a', heavy);
    expect(taken.map(({ expected }) => expected)).toEqual([WORK_LIMIT / 4, 900_000]);
  });

  test('many templates just light enough use up what an app has, and no more of it', async () => {
    const { taken, run } = fake(15_000);
    let ms = 0;
    const renderer = createRenderer({ run }, () => ms);
    const middling = request('{% for i in l %}{% assign x = i %}{% endfor %}.', { l: Array(400).fill(1) });
    for (let k = 0; k < 100; k++) await renderer('a', middling);
    expect(taken.length).toBeGreaterThan(20);
    expect(await renderer('b', middling)).toMatchObject({ content: { text: '.' } });
    const before = taken.length;
    ms = 1_000;
    await renderer('a', middling);
    expect(taken).toHaveLength(before);
  });

  test('a job that ends its thread fails as a rendering does', async () => {
    const threads = pool({ program: await program() });
    const renderer = createRenderer({ run: (app, _, work) => threads.run(app, job('end') as never, work) });
    expect(await renderer('a', HEAVY)).toMatchObject({ ok: false, code: 'render_failed' });
  });

  test('one that has to wait too long is no failure', async () => {
    const run = () => Promise.reject(new PoolBusy('full', 500));
    await expect(createRenderer({ run })('a', HEAVY)).rejects.toThrow(PoolBusy);
  });
});
