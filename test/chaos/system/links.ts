import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts';

/** The processes of the system. Every connection between one of them and a server has its own proxy. */
export const CLIENTS = ['api', 'worker-a', 'worker-b'] as const;
export type Client = (typeof CLIENTS)[number];

/** The workers share their proxies to the providers, because they share the accounts, which name addresses. */
const LINES = [
  ...CLIENTS.flatMap((client) => [`${client}>postgres`, `${client}>redis`] as const),
  'workers>http',
  'workers>tls',
  'workers>smtp',
] as const;
export type Line = (typeof LINES)[number];

export const PROVIDERS = 'workers>providers';

export interface Links {
  port(line: Line): number;
  /** The proxies of a fault's target: one, or all to the providers. */
  linesOf(target: string): TcpProxy[];
  /** New connections of every process to Redis lead to this port; open ones stay where they are. */
  leadToRedis(port: number): void;
  restoreAll(): Promise<void>;
  close(): Promise<void>;
}

/** @param ports where the servers really listen */
export async function openLinks(
  ports: Readonly<Record<'postgres' | 'redis' | 'http' | 'tls' | 'smtp', number>>,
): Promise<Links> {
  const proxies = new Map<Line, TcpProxy>();
  for (const line of LINES)
    proxies.set(line, await tcpProxy(ports[line.split('>')[1] as keyof typeof ports]));
  const all = [...proxies.values()];
  return {
    port: (line) => proxies.get(line)!.port,
    linesOf: (target) => {
      const names =
        target === PROVIDERS ? LINES.filter((line) => line.startsWith('workers>')) : [target as Line];
      return names.map((name) => proxies.get(name)!);
    },
    leadToRedis: (port) => {
      for (const line of LINES.filter((each) => each.endsWith('>redis'))) proxies.get(line)!.lead(port);
    },
    restoreAll: async () => void (await Promise.all(all.map((proxy) => proxy.restore()))),
    close: async () => void (await Promise.all(all.map((proxy) => proxy.close()))),
  };
}
