import { type LookupAddress, Resolver } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type NameFiles, nameFiles } from './name-files.ts';

/**
 * Addresses of names that customers choose. `dns.lookup` would call getaddrinfo, which blocks one of the process's four
 * threads until DNS answers: a few names that do not resolve stop every other look-up, and all file operations. So
 * names are looked up in the hosts file and in DNS directly, with the search domains of resolv.conf, within a deadline.
 * Concurrent queries for the same name are combined.
 */
export interface NameResolver {
  /** @throws NameUnresolved */
  resolve(hostname: string): Promise<LookupAddress[]>;
  /** The same in the form that `net.connect` takes. */
  lookup: LookupFunction;
}

/** The code is that of getaddrinfo. */
export class NameUnresolved extends Error {
  override name = 'NameUnresolved';
  code: 'ENOTFOUND' | 'EAI_AGAIN';

  /** @param exists null if DNS did not say whether it does. */
  constructor(hostname: string, exists: false | null, why: string) {
    super(`the name ${hostname} did not resolve: ${why}`);
    this.code = exists === false ? 'ENOTFOUND' : 'EAI_AGAIN';
  }
}

export interface NameResolverOptions {
  /** `address:port` of name servers, in place of the system's. */
  servers?: readonly string[];
  deadlineMs?: number;
  files?: () => NameFiles;
}

/** Less than the connect timeout, so that the failure has the right reason. */
const DEADLINE_MS = 4_000;
const TRY_MS = 1_500;
/** The addresses of the other family may arrive this much later (RFC 8305, section 3). */
const OTHER_FAMILY_MS = 50;
/** How often the system's name servers are read again. */
const RESOLVER_MS = 60_000;
const NO_SUCH_NAME: readonly string[] = ['ENOTFOUND', 'ENODATA'];

export function createNameResolver(options: NameResolverOptions = {}): NameResolver {
  const { servers, deadlineMs = DEADLINE_MS, files = nameFiles } = options;
  const asked = new Map<string, Promise<LookupAddress[]>>();
  let dns: { resolver: Resolver; at: number } | null = null;

  const resolver = (): Resolver => {
    const now = performance.now();
    if (dns === null || now - dns.at > RESOLVER_MS) {
      dns = { resolver: new Resolver({ timeout: TRY_MS, tries: 2 }), at: now };
      if (servers) dns.resolver.setServers(servers);
    }
    return dns.resolver;
  };

  const ask = async (name: string): Promise<LookupAddress[]> => {
    const known = files();
    const local = known.hosts.get(name) ?? (/(^|\.)localhost$/.test(name) ? ['127.0.0.1', '::1'] : undefined);
    if (local) return local.map((address) => ({ address, family: isIP(address) }));
    const codes: string[] = [];
    for (const candidate of candidatesOf(name, known)) {
      const answer = await addressesOf(resolver(), candidate);
      if (answer.addresses.length > 0) return answer.addresses;
      codes.push(...answer.codes);
    }
    const missing = codes.every((code) => NO_SUCH_NAME.includes(code));
    const why = missing
      ? 'DNS has no address for it'
      : `DNS did not answer (${[...new Set(codes)].join(', ')})`;
    throw new NameUnresolved(name, missing ? false : null, why);
  };

  const within = (name: string): Promise<LookupAddress[]> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new NameUnresolved(name, null, `DNS did not answer within ${deadlineMs / 1000} s`)),
        deadlineMs,
      );
      ask(name)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });

  const resolve = (hostname: string): Promise<LookupAddress[]> => {
    const family = isIP(hostname);
    if (family !== 0) return Promise.resolve([{ address: hostname, family }]);
    const name = hostname.toLowerCase().replace(/\.$/, '');
    const running = asked.get(name);
    if (running) return running;
    const answer = within(name).finally(() => asked.delete(name));
    asked.set(name, answer);
    return answer;
  };

  return { resolve, lookup: lookupOf(resolve) };
}

/** The resolver of this process for customers' names. */
export const names: NameResolver = createNameResolver();

/** @param resolve may leave addresses out, or reject: the error is the connection's. */
export function lookupOf(resolve: (hostname: string) => Promise<LookupAddress[]>): LookupFunction {
  return (hostname, { all, family }, callback) => {
    const wanted = family === 4 || family === 'IPv4' ? 4 : family === 6 || family === 'IPv6' ? 6 : 0;
    resolve(hostname)
      .then((addresses) => {
        const fitting = addresses.filter((each) => wanted === 0 || each.family === wanted);
        if (fitting.length === 0)
          throw new NameUnresolved(hostname, false, `DNS has no IPv${wanted} address for it`);
        return fitting;
      })
      .then(
        (found) =>
          all
            ? (callback as unknown as (error: null, all: LookupAddress[]) => void)(null, found)
            : callback(null, found[0]!.address, found[0]!.family),
        (error: NodeJS.ErrnoException) => callback(error, '', 0),
      );
  };
}

/** As getaddrinfo does: a name with few dots first with the search domains, another first unchanged. */
function candidatesOf(name: string, { search, ndots }: NameFiles): string[] {
  const longer = search.map((domain) => `${name}.${domain}`);
  return name.split('.').length - 1 >= ndots ? [name, ...longer] : [...longer, name];
}

/** IPv4 first; codes are those of the families that have none. */
function addressesOf(
  resolver: Resolver,
  name: string,
): Promise<{ addresses: LookupAddress[]; codes: string[] }> {
  return new Promise((resolve) => {
    const found: Record<4 | 6, LookupAddress[]> = { 4: [], 6: [] };
    const codes: string[] = [];
    let open = 2;
    const settle = (): void => resolve({ addresses: [...found[4], ...found[6]], codes });
    const answered =
      (family: 4 | 6) =>
      (error: NodeJS.ErrnoException | null, addresses: string[] = []): void => {
        open--;
        if (error) codes.push(error.code ?? error.message);
        found[family] = addresses.map((address) => ({ address, family }));
        if (open === 0) settle();
        else if (addresses.length > 0) setTimeout(settle, OTHER_FAMILY_MS);
      };
    resolver.resolve4(name, answered(4));
    resolver.resolve6(name, answered(6));
  });
}
