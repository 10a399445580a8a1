import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type ApiUnderTest, apiUnderTest } from './api.ts';

export interface ServedApi extends ApiUnderTest {
  port: number;
  url: string;
}

/** The API under test on a port, for what needs a socket: proxies between, other processes. */
export async function servedApi(...given: Parameters<typeof apiUnderTest>): Promise<ServedApi> {
  const api = await apiUnderTest(...given);
  const server = createAdaptorServer({ fetch: api.app.fetch }) as Server;
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
