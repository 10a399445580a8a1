import { expect, test } from 'vitest';
import { retryWrite } from './retry-write.ts';

const refusing = (code: string) => Object.assign(new Error(code), { code });

test.each(['22P02', '22P05', '23505', '23514', '54000', '42P01'])(
  'a write that PostgreSQL answers with %s is not made again',
  async (code) => {
    let tries = 0;
    const write = async () => {
      tries++;
      throw refusing(code);
    };
    await expect(retryWrite(write, 60_000)).rejects.toThrow(code);
    expect(tries).toBe(1);
  },
);

test.each(['CONNECTION_CLOSED', '25006', '53100', '55P03', '57014'])(
  'a write that failed with %s is made again until it is done',
  async (code) => {
    let tries = 0;
    const write = async () => {
      if (++tries < 2) throw refusing(code);
      return 'done';
    };
    expect(await retryWrite(write, 60_000)).toBe('done');
    expect(tries).toBe(2);
  },
);
