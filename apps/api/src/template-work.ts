import type { Channel } from '@carillon/core/notification/channel';
import type { Content } from '@carillon/core/notification/message';
import type { CompileTools } from '@carillon/core/template/compile/compile';
import { createRenderer, type RenderRequest } from '@carillon/core/template/render/budgeted-render';
import type { Rendering } from '@carillon/core/template/render/render';
import {
  createRenderPool,
  JobFailed,
  PoolBusy,
  type RenderPool,
} from '@carillon/core/template/render/render-pool';
import { type ContentCheck, checkContent } from '@carillon/core/template/syntax/check';
import { ProblemError } from '@carillon/core/text/problem';
import { createTemplateTools, type TemplateTools } from './template-tools/tools.ts';

/**
 * Template work of requests: light work inline, heavy work on a separate thread, so that a preview of one app blocks no
 * other request.
 */
export interface TemplateWork {
  /** Compiles MJML and derives plain texts, for publishing. */
  tools(appId: string): CompileTools;
  /** @throws ProblemError `unavailable` while too much heavy work waits. */
  render(appId: string, request: RenderRequest): Promise<Rendering>;
  /**
   * Checks the texts of a template in order.
   *
   * @param stage `template`: as their author wrote them; `compiled`: with their parts in them.
   * @throws ProblemError `unavailable` while too much heavy work waits.
   */
  check(
    appId: string,
    texts: readonly { channel: Channel; content: Content }[],
    stage?: 'template' | 'compiled',
  ): Promise<ContentCheck[]>;
  close(): Promise<void>;
}

/** Source that is checked inline, in characters of all texts of a request: some three milliseconds. */
const MAX_SOURCE_AT_ONCE = 32_768;
/** Units of work that checking a character takes. */
const UNITS_PER_CHARACTER = 4;

export function createTemplateWork(
  pool: RenderPool = createRenderPool(),
  templateTools: TemplateTools = createTemplateTools(),
): TemplateWork {
  const renderer = createRenderer(pool);

  const inPool = async (
    appId: string,
    channel: Channel,
    content: Content,
    stage: 'template' | 'compiled',
  ): Promise<ContentCheck> => {
    try {
      const work = lengthOf(content) * UNITS_PER_CHARACTER;
      return await pool.run(appId, { kind: 'check', channel, content, stage }, work);
    } catch (error) {
      if (!(error instanceof JobFailed)) throw error;
      const [field = 'text'] = Object.keys(content) as (keyof Content)[];
      const message = `cannot be checked, ${error.message}: simplify it`;
      return { ok: false, problems: [{ field, message, line: 1, column: 1 }] };
    }
  };

  return {
    render: (appId, request) => renderer(appId, request).catch(refuse),
    tools: (appId) => {
      const { mjml, plainText } = templateTools.of(appId);
      return {
        mjml: (source, locale) => mjml(source, locale).catch(refuse),
        plainText: (html) => plainText(html).catch(refuse),
      };
    },
    check: async (appId, texts, stage = 'template') => {
      const length = texts.reduce((sum, { content }) => sum + lengthOf(content), 0);
      if (length <= MAX_SOURCE_AT_ONCE)
        return texts.map(({ channel, content }) => checkContent(channel, content, stage));
      const checks: ContentCheck[] = [];
      // One after the other: the queue is bounded, and one request alone must not fill it.
      for (const { channel, content } of texts)
        checks.push(await inPool(appId, channel, content, stage).catch(refuse));
      return checks;
    },
    close: async () => {
      await Promise.all([pool.close(), templateTools.close()]);
    },
  };
}

function lengthOf(content: Content): number {
  return Object.values(content).reduce(
    (sum: number, text: string | undefined) => sum + (text?.length ?? 0),
    0,
  );
}

function refuse(error: unknown): never {
  if (!(error instanceof PoolBusy)) throw error;
  throw new ProblemError(
    'unavailable',
    'Too many heavy templates are being rendered now. Try again in a moment.',
    {
      retryAfterSeconds: Math.max(1, Math.ceil(error.retryInMs / 1000)),
      cause: error,
    },
  );
}
