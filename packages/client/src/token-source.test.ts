import { expect, test } from 'vitest';
import { renewedTokens } from './token-source.ts';

test('calls at the same time share one token, until it is refused', async () => {
  let made = 0;
  const tokens = renewedTokens(async () => `crt_${++made}`);
  expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['crt_1', 'crt_1']);
  expect(tokens.refused('crt_1')).toBe(true);
  // Another call learns later that the same token was refused.
  const next = tokens.get();
  expect(await next).toBe('crt_2');
  tokens.refused('crt_1');
  expect(await tokens.get()).toBe('crt_2');
});

test('a failure of getToken is an error of the client, and the next call asks again', async () => {
  let calls = 0;
  const tokens = renewedTokens(() => {
    if (calls++ === 0) throw new Error('offline');
    return 'crt_x';
  });
  await expect(tokens.get()).rejects.toMatchObject({ code: 'no_token', detail: 'getToken failed: offline' });
  expect(await tokens.get()).toBe('crt_x');
});

test('what is no token is refused without saying what it is', async () => {
  await expect(renewedTokens(() => 'secret with space').get()).rejects.toThrow(
    /^(?!.*secret).*is no token|getToken returned something/,
  );
});
