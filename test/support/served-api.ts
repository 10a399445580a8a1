import type { AddressInfo } from 'node:net';
import { createHttpServer } from '../../apps/api/src/http-server.ts';
import { type ApiUnderTest, apiUnderTest } from './api.ts';

export interface ServedApi extends ApiUnderTest {
  port: number;
  url: string;
}

/** The API under test on a port, for what needs a socket: proxies between, other processes. */
export async function servedApi(
  url: string,
  options: Parameters<typeof apiUnderTest>[1] = {},
  requestTime: Parameters<typeof createHttpServer>[2] = {},
): Promise<ServedApi> {
  const api = await apiUnderTest(url, options);
  const server = createHttpServer(api.app.fetch, () => 'http://api.test', requestTime);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...api,
    port,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await api.close();
    },
  };
}
