import { expect, test } from 'vitest';
import { csvRows } from './csv-rows.ts';
import { wholeLines } from './whole-lines.ts';

const ROWS_OF_PIECE = 2_000;
const PIECES = 30;

test('a long file leaves no listeners behind, however often its reader waits for the parser', async () => {
  const warnings: Error[] = [];
  const collect = (warning: Error): void => void warnings.push(warning);
  process.on('warning', collect);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('id,email\n');
    for (let piece = 0; piece < PIECES; piece++)
      yield Buffer.from(
        Array.from({ length: ROWS_OF_PIECE }, (_, n) => `user_${piece}_${n},u${n}@example.com\n`).join(''),
      );
  }
  const isCut = () => false;
  const options = { layout: null, isFromStart: true, map: {}, onLayout: () => {}, isCut };
  let count = 0;
  for await (const rows of csvRows(wholeLines(pieces(), 1, isCut), options)) count += rows.length;
  // Warnings are emitted in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', collect);

  expect(count).toBe(PIECES * ROWS_OF_PIECE);
  expect(warnings).toEqual([]);
});
