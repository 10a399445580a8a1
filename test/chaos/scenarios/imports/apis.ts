import { until } from '../../../support/until.ts';

/** Settings of the APIs of imports: the requests beside an import are many. */
export const ENV = { RATE_LIMIT_PER_SECOND: '100000' } as const;

/** Waits until the API answers. @returns its address */
export async function isUp(port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  await until(`the API at ${url} to answer`, () => fetch(`${url}/healthz`).then(({ ok }) => ok), {
    timeoutMs: 90_000,
    everyMs: 50,
  });
  return url;
}
