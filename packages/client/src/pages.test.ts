import { expect, test } from 'vitest';
import { Pages } from './pages.ts';

function threePages() {
  const asked: (string | undefined)[] = [];
  const pages = new Pages<number>(async (cursor) => {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    return { data: at === 1 ? [] : [at * 10, at * 10 + 1], next_cursor: at < 2 ? String(at + 1) : null };
  });
  return { pages, asked };
}

test('iterating a list reads every page, also past an empty one', async () => {
  const { pages, asked } = threePages();
  const seen: number[] = [];
  for await (const item of pages) seen.push(item);
  expect(seen).toEqual([0, 1, 20, 21]);
  expect(asked).toEqual([undefined, '1', '2']);
});

test('nothing is requested before iteration, and no page beyond the last item used', async () => {
  const { pages, asked } = threePages();
  expect(asked).toEqual([]);
  expect(await pages.toArray(2)).toEqual([0, 1]);
  expect(await pages.toArray(0)).toEqual([]);
  expect(asked).toEqual([undefined]);
});
