import { hash } from 'node:crypto';
import type { CompileTools, MjmlResult } from '@carillon/core/template/compile/compile';
import { createRenderPool, JobFailed, type RenderPool } from '@carillon/core/template/render/render-pool';
import { LRUCache } from 'lru-cache';
import type { MjmlJob } from './mjml-thread.ts';
import type { TextJob } from './text-thread.ts';

/**
 * MJML and HTML to text, on threads of their own that are started when they are first needed: 6 ms and 3 ms for an ordinary
 * e-mail, much more for a long one.
 */
export interface TemplateTools {
  /** For the texts of one app: apps take turns. They throw PoolBusy while too much waits. */
  of(appId: string): CompileTools;
  close(): Promise<void>;
}

/** Units of work (limits.ts of core) for a character of MJML or HTML. */
const UNITS_PER_CHARACTER = 15;
/** Results by their source: who edits one text saves all others with it. */
const MAX_KNOWN = { entries: 200, characters: 16_000_000 };

export function createTemplateTools(): TemplateTools {
  const mjmlPool = createRenderPool({ program: new URL('./mjml-thread.ts', import.meta.url) });
  const textPool = createRenderPool({ program: new URL('./text-thread.ts', import.meta.url) });
  const known = new LRUCache<string, { made: unknown; size: number }>({
    max: MAX_KNOWN.entries,
    maxSize: MAX_KNOWN.characters,
    sizeCalculation: ({ size }) => size,
  });

  const run = async <T>(
    pool: RenderPool,
    appId: string,
    job: MjmlJob | TextJob,
    length: number,
  ): Promise<T> => {
    const name = hash('sha256', JSON.stringify(job), 'base64');
    const found = known.get(name);
    if (found !== undefined) return found.made as T;
    // The pool passes jobs on as they are; these programs know others than the one that the pool is typed for.
    const given = job as unknown as Parameters<RenderPool['run']>[1];
    const made = (await pool.run(appId, given, length * UNITS_PER_CHARACTER)) as unknown as T;
    known.set(name, { made, size: 1 + length * 2 });
    return made;
  };

  return {
    of: (appId) => ({
      mjml: (source, locale) =>
        run<MjmlResult>(mjmlPool, appId, { source, locale }, source.length).catch((error: unknown) => {
          if (!(error instanceof JobFailed)) throw error;
          return {
            html: '',
            errors: [{ line: 1, message: `cannot be compiled, ${error.message}: simplify it` }],
          };
        }),
      // Without a plain text an e-mail can still be sent.
      plainText: (html) =>
        run<string>(textPool, appId, { html }, html.length).catch((error: unknown) => {
          if (!(error instanceof JobFailed)) throw error;
          return '';
        }),
    }),
    close: async () => {
      await Promise.all([mjmlPool.close(), textPool.close()]);
    },
  };
}
