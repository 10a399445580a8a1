import { setTimeout as pause } from 'node:timers/promises';
import type { ImportedLine, LineKind } from '../judge/imported-line.ts';
import { type Confirmed, PUT_LOCALE } from '../judge/imports.ts';
import type { Random } from './random.ts';

/** What else happens to the people of a file while it is imported. */
export interface BesideImport {
  confirmed: Record<Confirmed, Set<string>>;
  /** Addresses whose suppression was confirmed. */
  suppressed: Set<string>;
  /** Ends it, and waits for the last answer. */
  stop(): Promise<void>;
}

export interface BesideOptions {
  url: string;
  key: string;
  lines: readonly ImportedLine[];
  /** The last line that is reported as stored. */
  position(): number;
  random: Random;
}

const EVERY_MS = 15;
const ANSWER_WITHIN_MS = 8_000;
const OF_A_BATCH = 20;
const ACTS = ['opts out', 'is suppressed', 'put', 'put in a batch', 'changed later', 'erased later'] as const;

/** Requests of single people, one after the other. One that is not answered counts as not confirmed. */
export function actBeside({ url, key, lines, position, random }: BesideOptions): BesideImport {
  const confirmed = { 'opted out': new Set<string>(), put: new Set<string>() } as BesideImport['confirmed'];
  confirmed['changed later'] = new Set();
  confirmed['erased later'] = new Set();
  const suppressed = new Set<string>();
  const ofKind = new Map<LineKind, ImportedLine[]>(
    ACTS.map((kind) => [kind, lines.filter((line) => line.kind === kind)]),
  );
  let isOver = false;

  const ask = async (method: string, path: string, body?: unknown): Promise<number> => {
    const answer = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch(() => null);
    await answer?.arrayBuffer().catch(() => {});
    return answer?.status ?? 0;
  };
  const isGood = (status: number): boolean => status >= 200 && status < 300;

  const act = async (kind: (typeof ACTS)[number]): Promise<void> => {
    const reported = position();
    const all = ofKind.get(kind)!;
    const some = kind.endsWith('later') ? all.filter(({ endLine }) => endLine <= reported) : all;
    if (some.length === 0) return;
    const { id } = random.pick(some);
    const address = `${id}@example.com`;
    switch (kind) {
      case 'opts out':
        if (isGood(await ask('PUT', `recipients/${id}/preferences`, { categories: { news: false } })))
          confirmed['opted out'].add(id);
        return;
      case 'is suppressed':
        if (isGood(await ask('POST', 'suppressions', { channel: 'email', address }))) suppressed.add(address);
        return;
      case 'put':
      case 'changed later':
        if (isGood(await ask('PUT', `recipients/${id}`, { locale: PUT_LOCALE }))) confirmed[kind].add(id);
        return;
      case 'put in a batch': {
        const ids = [...new Set(Array.from({ length: OF_A_BATCH }, () => random.pick(some).id))];
        const recipients = ids.map((each) => ({ id: each, locale: PUT_LOCALE }));
        if ((await ask('POST', 'recipients/batch', { recipients })) === 207)
          for (const each of ids) confirmed.put.add(each);
        return;
      }
      case 'erased later':
        if (!isGood(await ask('DELETE', `recipients/${id}?suppress=true`))) return;
        confirmed['erased later'].add(id);
        suppressed.add(address);
    }
  };

  const acting = (async () => {
    for (let n = 0; !isOver; n++) {
      await act(ACTS[n % ACTS.length]!);
      await pause(EVERY_MS);
    }
  })();
  return {
    confirmed,
    suppressed,
    async stop() {
      isOver = true;
      await acting;
    },
  };
}
