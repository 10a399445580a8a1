import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP tunnel to a real server that can be cut, silenced and restored: an outage without touching the server. */
export interface Tunnel {
  port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  /** Keeps connections open and passes nothing on. */
  hold(): void;
  /** Passes everything on again; what was held stays lost. */
  mend(): void;
  close(): Promise<void>;
}

export async function tunnelTo(host: string, port: number): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  let mode: 'open' | 'cut' | 'held' = 'open';
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    track(near);
    if (mode === 'cut') return void near.destroy();
    const far = track(connect(port, host));
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (chunk) => {
        if (mode === 'open') to.write(chunk);
      });
      from.on('close', () => to.destroy());
    };
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      mode = 'cut';
      dropAll();
    },
    hold() {
      mode = 'held';
    },
    mend() {
      if (mode === 'held') dropAll();
      mode = 'open';
    },
    close: () =>
      new Promise((resolve) => {
        dropAll();
        server.close(() => resolve());
      }),
  };
}
