import {
  type Context,
  type Emitter,
  Liquid,
  LiquidError,
  RenderError,
  type Template,
  toValueSync,
} from 'liquidjs';
import { OwnError } from '../../program/own-error.ts';
import { HTML_FILTERS, setFilter, useFilters } from '../filters/filters.ts';
import type { Filter, FilterThis } from '../filters/number-filters.ts';
import { printed } from '../filters/printing.ts';
import { MAX_SOURCE_LENGTH, NODE_COST, WORK_LIMIT } from '../render/limits.ts';
import { WorkExceeded, WorkMeter } from '../render/work.ts';
import { CountedCaseTag, CountedForTag } from './counted-tags.ts';
import { CURRENT_ENGINE, type EngineVersion } from './engine-version.ts';
import { DEFAULT_SETTING, FieldContext, type Setting } from './field-context.ts';
import { parseTokens, type Tokens, tokensOf } from './field-parser.ts';
import { CaptureHtmlTag, JsonText, printAsHtml, SafeHtml } from './html-safety.ts';
import { OPERATORS } from './operators.ts';
import { PART_TAG, PartTag, RENDER_TAG, RenderTag } from './part-tags.ts';

/**
 * LiquidJS without everything that a notification does not need. Templates are written by customers and fed
 * with their users' data: neither may read files, reach prototypes, loop for long or fill memory.
 *
 * In: a field's source. Out: parsed templates, and text. It never includes other files, never evaluates code from
 * data, and in an html field everything that comes from data is escaped: there is no `raw` filter to disable that.
 */
export const TAGS = [
  'if',
  'unless',
  'case',
  'for',
  'break',
  'continue',
  'assign',
  'capture',
  'comment',
  'raw',
] as const;

/** Those that authors may write. */
export const SOURCE_TAGS = [...TAGS, RENDER_TAG] as const;

/** `source`: a text as its author writes it, which is only checked. Its partials are put in when it is published. */
export type Engine = EngineVersion | 'source';

/** The result of a field exceeded its limit (limits.ts). */
export class OutputTooLarge extends OwnError {
  readonly maxLength: number;

  constructor(maxLength: number) {
    super(`longer than ${maxLength} characters`);
    this.maxLength = maxLength;
  }
}

class BoundedEmitter {
  buffer = '';
  readonly maxLength: number;
  readonly #visit: () => void;

  constructor(maxLength: number, meter: Pick<WorkMeter, 'use'>) {
    this.maxLength = maxLength;
    this.#visit = () => meter.use(1);
  }

  write(value: unknown): void {
    this.buffer += printed(value, this.#visit);
    if (this.buffer.length > this.maxLength) throw new OutputTooLarge(this.maxLength);
  }
}

/** LiquidJS' renderer, but every node is counted, and the output of `capture` is bounded too. */
const countingRenderer = {
  *renderTemplates(
    templates: Template[],
    ctx: Context,
    emitter?: Emitter,
  ): Generator<unknown, string, unknown> {
    const out = emitter ?? (new BoundedEmitter(WORK_LIMIT, ctx.memoryLimit) as unknown as Emitter);
    const captured = emitter === undefined;
    // Also with no nodes, so that an empty loop in a loop in a loop ends.
    ctx.memoryLimit.use(NODE_COST);
    for (const template of templates) {
      ctx.memoryLimit.use(NODE_COST);
      ctx.renderLimit.check(0);
      try {
        const text = yield template.render(ctx, out);
        if (text) out.write(text);
      } catch (error) {
        throw ownError(error) ?? (LiquidError.is(error) ? error : new RenderError(error as Error, template));
      }
      // LiquidJS declares these private, its own tags set them.
      const { breakCalled, continueCalled } = ctx as unknown as {
        breakCalled: boolean;
        continueCalled: boolean;
      };
      if (breakCalled || continueCalled) break;
    }
    const text = (out as unknown as { buffer: string }).buffer;
    if (captured) ctx.memoryLimit.use(text.length);
    return text;
  },
};

/** An exceeded limit, also when LiquidJS has wrapped it in an error of its own. */
function ownError(error: unknown): WorkExceeded | OutputTooLarge | null {
  const cause: unknown = (error as { originalError?: unknown } | null)?.originalError ?? error;
  return cause instanceof WorkExceeded || cause instanceof OutputTooLarge ? cause : null;
}

function createEngine(kind: 'html' | 'text', engine: Engine): Liquid {
  const liquid = new Liquid({
    // An empty map instead of the file system: if a file tag is ever enabled again, there is nothing to read.
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    // `if` and `default` may read a missing variable.
    lenientIf: true,
    parseLimit: MAX_SOURCE_LENGTH,
    operators: OPERATORS,
    ...(kind === 'html' ? { outputEscape: counted(printAsHtml) } : {}),
  });
  for (const name of Object.keys(liquid.tags)) {
    if (!(TAGS as readonly string[]).includes(name)) delete (liquid.tags as Record<string, unknown>)[name];
  }
  liquid.registerTag('for', CountedForTag);
  liquid.registerTag('case', CountedCaseTag);
  if (engine === 'source') liquid.registerTag(RENDER_TAG, RenderTag);
  else if (engine > 1) liquid.registerTag(PART_TAG, PartTag);
  useFilters(liquid, engine === 'source' ? CURRENT_ENGINE : engine, kind);
  if (kind === 'html') useHtml(liquid);
  Object.assign(liquid, { renderer: countingRenderer });
  return liquid;
}

/** Additional in html fields: filters that make HTML, and values that are already HTML or JSON. */
function useHtml(liquid: Liquid): void {
  liquid.registerTag('capture', CaptureHtmlTag);
  const html: Record<(typeof HTML_FILTERS)[number], Filter> = {
    escape: counted((value) => new SafeHtml(printAsHtml(value))),
    newline_to_br: counted((value) => new SafeHtml(printAsHtml(value).replace(/\r?\n/g, '<br />\n'))),
  };
  for (const name of HTML_FILTERS) setFilter(liquid, name, html[name]);
  const { json } = liquid.filters as unknown as { json: Filter };
  setFilter(liquid, 'json', function (value) {
    return new JsonText(json.call(this, value) as string);
  });
}

/** A text costs its length, a list its items. */
function counted<T>(
  filter: (value: unknown, visit: () => void) => T,
): (this: FilterThis, value?: unknown) => T {
  return function (value) {
    if (typeof value === 'string') this.context.memoryLimit.use(value.length / 4);
    return filter(value, () => this.context.memoryLimit.use(1));
  };
}

const ENGINES = new Map<string, Liquid>();

function engineOf(kind: 'html' | 'text', engine: Engine): Liquid {
  const name = `${kind} ${engine}`;
  const known = ENGINES.get(name);
  if (known !== undefined) return known;
  const made = createEngine(kind, engine);
  ENGINES.set(name, made);
  return made;
}

/** @throws LiquidError for a tag or output that is not closed. */
export function tokenize(kind: 'html' | 'text', source: string): Tokens {
  return tokensOf(engineOf(kind, CURRENT_ENGINE), source);
}

/** @throws LiquidError with the offending token; `check.ts` turns it into line and column. */
export function parseField(
  kind: 'html' | 'text',
  source: string | Tokens,
  engine: Engine = CURRENT_ENGINE,
): Template[] {
  const tokens = typeof source === 'string' ? tokenize(kind, source) : source;
  return parseTokens(engineOf(kind, engine), kind, tokens);
}

/**
 * @param maxLength longest result, in UTF-16 units.
 * @param options.meter counts the work and ends it at the limit.
 * @param options.engine the one that the templates were parsed with.
 * @throws OutputTooLarge, WorkExceeded, or a LiquidError: UndefinedVariableError for a variable that was needed and not
 *   given.
 */
export function renderField(
  kind: 'html' | 'text',
  templates: Template[],
  data: Readonly<Record<string, unknown>>,
  maxLength: number,
  {
    meter = new WorkMeter(),
    setting = DEFAULT_SETTING,
    engine = CURRENT_ENGINE,
  }: { meter?: WorkMeter; setting?: Setting; engine?: EngineVersion } = {},
): string {
  const context = new FieldContext(data, engineOf(kind, engine), meter, setting);
  const emitter = new BoundedEmitter(maxLength, meter) as unknown as Emitter;
  return toValueSync(countingRenderer.renderTemplates(templates, context, emitter));
}
