import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts';

/** Our processes. Every line between one of them and a server of its own is a proxy of its own. */
export const CLIENTS = ['api', 'worker-a', 'worker-b'] as const;
export type Client = (typeof CLIENTS)[number];

/** The workers share their lines to the providers, because they share the accounts, which name addresses. */
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
  /** What a fault's target stands for: one line, or all lines to the providers. */
  linesOf(target: string): TcpProxy[];
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
    restoreAll: async () => void (await Promise.all(all.map((proxy) => proxy.restore()))),
    close: async () => void (await Promise.all(all.map((proxy) => proxy.close()))),
  };
}
