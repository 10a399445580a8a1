import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

const HOSTS = '/etc/hosts';
const RESOLV_CONF = '/etc/resolv.conf';
/** Both files are small, and change when a container starts. */
const READ_EVERY_MS = 10_000;

/** Names from the machine's own files, which DNS does not have. */
export interface NameFiles {
  /** Addresses of the hosts file, by name in lower case. */
  hosts: ReadonlyMap<string, readonly string[]>;
  /**
   * Domains that are appended to a name, and how many dots a name needs to be queried unchanged first (resolv.conf(5)).
   */
  search: readonly string[];
  ndots: number;
}

let read: { at: number; files: NameFiles } | null = null;

/** The files of this machine, at most READ_EVERY_MS old. One that cannot be read counts as empty. */
export function nameFiles(): NameFiles {
  const now = performance.now();
  if (read === null || now - read.at > READ_EVERY_MS)
    read = { at: now, files: parseNameFiles(contentOf(HOSTS), contentOf(RESOLV_CONF)) };
  return read.files;
}

/** Pure, for tests: hosts(5) and resolv.conf(5). */
export function parseNameFiles(hostsText: string, resolvText: string): NameFiles {
  const hosts = new Map<string, string[]>();
  for (const [address = '', ...names] of linesOf(hostsText)) {
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      hosts.set(key, [...(hosts.get(key) ?? []), address]);
    }
  }
  let search: string[] = [];
  let ndots = 1;
  for (const [keyword, ...values] of linesOf(resolvText)) {
    // The last one takes precedence.
    if (keyword === 'search' || keyword === 'domain') search = values.filter((each) => each !== '.');
    const dots = keyword === 'options' ? values.find((each) => /^ndots:\d+$/.test(each)) : undefined;
    if (dots !== undefined) ndots = Math.min(Number(dots.slice('ndots:'.length)), 15);
  }
  return { hosts, search, ndots };
}

function linesOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.replace(/[#;].*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
