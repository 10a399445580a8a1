import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { TLSSocket } from 'node:tls';

const TLS = path.join(import.meta.dirname, '../../packages/providers/fixtures/tls');

/**
 * A server with a certificate of an untrusted authority. No client completes its handshake, so there is no server
 * behind it.
 *
 * @param protocol `postgres` asks for TLS in the clear first; `redis` begins with it.
 */
export async function untrustedTls(
  protocol: 'postgres' | 'redis',
): Promise<{ port: number; close(): Promise<unknown> }> {
  const secure = {
    isServer: true,
    key: readFileSync(path.join(TLS, 'key.pem')),
    cert: readFileSync(path.join(TLS, 'cert.pem')),
  };
  const encrypt = (socket: Socket) => new TLSSocket(socket, secure).on('error', () => {});
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (protocol === 'redis') encrypt(socket);
    else
      socket.once('data', () => {
        socket.write('S');
        encrypt(socket);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
