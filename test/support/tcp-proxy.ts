import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy between a client and a server, so that a test can break their connection. `restore` ends any fault. */
export interface TcpProxy {
  port: number;
  /** Connections accepted so far, open or closed. */
  taken(): number;
  /** Ends every connection and refuses new ones, as a server does that was stopped. */
  cut(): Promise<void>;
  /** Keeps connections open and takes new ones, but passes nothing on in either direction. */
  freeze(): void;
  /** Freezes once clients have sent so many further bytes. */
  freezeAfter(bytes: number): void;
  /** Half-open: requests go through, answers do not. What was answered meanwhile arrives when restored. */
  mute(): void;
  /** Everything arrives this much later, in both directions. */
  delay(ms: number): void;
  /** Resets every connection (RST) now; new ones work. */
  reset(): void;
  /**
   * Requests go through; the first byte of an answer resets its connection: executed, but the client gets no answer.
   */
  loseAnswers(): void;
  /** When one side hangs up, the other side stays open. */
  keepOpen(): void;
  /** From now on new connections lead to this port; open ones stay where they are. No fault: `restore` leaves it. */
  lead(port: number): void;
  /** Passes everything on again. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

type Fault = 'none' | 'frozen' | 'mute' | 'losing answers' | 'keeping open';

export async function tcpProxy(targetPort: number, targetHost = '127.0.0.1'): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  /** Connections whose other side has hung up unnoticed. */
  const orphans = new Set<Socket>();
  let leadsTo = targetPort;
  let fault: Fault = 'none';
  let delayMs = 0;
  let taken = 0;
  let bytesLeft = Number.POSITIVE_INFINITY;

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ port: leadsTo, host: targetHost, allowHalfOpen: true });
    const pair: Pair = { client, target };
    taken++;
    pairs.add(pair);
    client.setNoDelay(true);
    target.setNoDelay(true);
    pass(client, target, pair);
    pass(target, client, pair);
    obey(pair);
  });

  const pass = (from: Socket, to: Socket, pair: Pair): void => {
    const later = inOrder(() => delayMs);
    from.on('data', (chunk) => {
      if (fault === 'losing answers' && from === pair.target) return destroy(pair);
      later(() => to.write(chunk));
      if (from === pair.client) bytesLeft -= chunk.length;
      if (bytesLeft < 0) {
        bytesLeft = Number.POSITIVE_INFINITY;
        become('frozen');
      }
    });
    from.on('end', () => {
      if (fault === 'keeping open') orphans.add(to);
      else later(() => to.end());
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      pairs.delete(pair);
      if (fault === 'keeping open') orphans.add(to);
      else later(() => to.destroy());
    });
  };
  const obey = ({ client, target }: Pair): void => {
    for (const socket of [client, target]) {
      if (fault === 'frozen' || (fault === 'mute' && socket === target)) socket.pause();
      else socket.resume();
    }
  };
  const become = (next: Fault): void => {
    fault = next;
    for (const pair of pairs) obey(pair);
  };
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const endOrphans = (): void => {
    for (const socket of orphans) socket.destroy();
    orphans.clear();
  };
  const stop = async (): Promise<void> => {
    endOrphans();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const pair of pairs) for (const socket of [pair.client, pair.target]) socket.destroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    taken: () => taken,
    cut: stop,
    freeze: () => become('frozen'),
    freezeAfter: (bytes) => {
      bytesLeft = bytes;
    },
    mute: () => become('mute'),
    loseAnswers: () => become('losing answers'),
    keepOpen: () => become('keeping open'),
    lead: (port) => {
      leadsTo = port;
    },
    delay: (ms) => {
      delayMs = ms;
    },
    reset: () => {
      for (const pair of pairs) destroy(pair);
    },
    restore: async () => {
      delayMs = 0;
      become('none');
      endOrphans();
      if (!server.listening) await listen(port);
    },
    close: async () => {
      if (server.listening) await stop();
    },
  };
}

interface Pair {
  client: Socket;
  target: Socket;
}

function destroy({ client, target }: Pair): void {
  client.resetAndDestroy();
  target.resetAndDestroy();
}

/** Acts after the current delay, never before earlier actions: a stream keeps its order. */
function inOrder(delayMs: () => number): (act: () => void) => void {
  let lastAt = 0;
  let waiting = 0;
  return (act) => {
    const at = Math.max(performance.now() + delayMs(), lastAt);
    lastAt = at;
    if (waiting === 0 && at <= performance.now()) return act();
    waiting++;
    setTimeout(() => {
      waiting--;
      act();
    }, at - performance.now());
  };
}
