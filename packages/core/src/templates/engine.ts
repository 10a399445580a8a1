import {
  Context,
  type Emitter,
  Liquid,
  LiquidError,
  RenderError,
  type Template,
  toValueSync,
} from 'liquidjs';
import { CaptureHtmlTag, escapeHtml, printed, SafeHtml } from './html-safety.ts';
import { MAX_SOURCE_LENGTH, NODE_COST, RENDER_LIMIT_MS, WORK_LIMIT } from './limits.ts';

/**
 * LiquidJS with everything taken away that a notification does not need. Templates are written by customers and fed
 * with their users' data: neither may read files, reach prototypes, loop for long or fill memory.
 *
 * In: a field's source. Out: parsed templates, and text. It never includes other files, never evaluates code from
 * data, and in an html field everything that comes from data is escaped: there is no `raw` filter to switch that off.
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

/** Filters of every field. */
export const FILTERS = [
  ...[
    'abs',
    'append',
    'at_least',
    'at_most',
    'capitalize',
    'ceil',
    'compact',
    'date',
    'default',
    'divided_by',
  ],
  ...['downcase', 'first', 'floor', 'join', 'last', 'lstrip', 'map', 'minus', 'modulo', 'plus', 'prepend'],
  ...[
    'remove',
    'remove_first',
    'replace',
    'replace_first',
    'reverse',
    'round',
    'rstrip',
    'size',
    'slice',
    'sort',
  ],
  ...[
    'split',
    'squish',
    'strip',
    'strip_html',
    'strip_newlines',
    'sum',
    'times',
    'truncate',
    'truncatewords',
  ],
  ...['uniq', 'upcase', 'url_encode', 'where'],
] as const;

/** Filters that make HTML: of html fields only. */
export const HTML_FILTERS = ['escape', 'newline_to_br'] as const;

/** The result of a field outgrew its bound (limits.ts). */
export class OutputTooLarge extends Error {
  readonly maxLength: number;

  constructor(maxLength: number) {
    super(`longer than ${maxLength} characters`);
    this.maxLength = maxLength;
  }
}

class BoundedEmitter {
  buffer = '';
  readonly maxLength: number;

  constructor(maxLength: number) {
    this.maxLength = maxLength;
  }

  write(value: unknown): void {
    this.buffer += printed(value);
    if (this.buffer.length > this.maxLength) throw new OutputTooLarge(this.maxLength);
  }
}

/** LiquidJS' renderer, but every node costs, and what `capture` collects is bounded as well. */
const countingRenderer = {
  *renderTemplates(
    templates: Template[],
    ctx: Context,
    emitter?: Emitter,
  ): Generator<unknown, string, unknown> {
    const out = emitter ?? (new BoundedEmitter(WORK_LIMIT) as unknown as Emitter);
    const captured = emitter === undefined;
    // Also with no nodes, so that an empty loop in a loop in a loop ends.
    ctx.memoryLimit.use(NODE_COST);
    for (const template of templates) {
      ctx.memoryLimit.use(NODE_COST);
      ctx.renderLimit.check(performance.now());
      try {
        const text = yield template.render(ctx, out);
        if (text) out.write(text);
      } catch (error) {
        if (LiquidError.is(error) || error instanceof OutputTooLarge) throw error;
        throw new RenderError(error as Error, template);
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

interface FilterThis {
  context: Context;
}

function createEngine(kind: 'html' | 'text'): Liquid {
  const liquid = new Liquid({
    // An empty map instead of the file system: should a file tag ever come back, there is nothing to read.
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    // `if` and `default` may ask for a variable that is not there.
    lenientIf: true,
    parseLimit: MAX_SOURCE_LENGTH,
    memoryLimit: WORK_LIMIT,
    renderLimit: RENDER_LIMIT_MS,
    // The same text on every machine.
    timezoneOffset: 0,
    locale: 'en-US',
    ...(kind === 'html' ? { outputEscape: printAsHtml } : {}),
  });
  keepOnly(liquid.tags, TAGS);
  keepOnly(liquid.filters, kind === 'html' ? [...FILTERS, ...HTML_FILTERS] : FILTERS);
  // The one filter that walks a list without counting it.
  const { sum } = liquid.filters as { sum: (this: FilterThis, list: unknown, property?: unknown) => unknown };
  liquid.registerFilter('sum', function (this: FilterThis, list: unknown, property?: unknown) {
    this.context.memoryLimit.use(Array.isArray(list) ? list.length : 1);
    return sum.call(this, list, property);
  });
  if (kind === 'html') {
    liquid.registerTag('capture', CaptureHtmlTag);
    liquid.registerFilter('escape', (value: unknown) => new SafeHtml(printAsHtml(value)));
    liquid.registerFilter(
      'newline_to_br',
      (value: unknown) => new SafeHtml(printAsHtml(value).replace(/\r?\n/g, '<br />\n')),
    );
  }
  Object.assign(liquid, { renderer: countingRenderer });
  return liquid;
}

function printAsHtml(value: unknown): string {
  return value instanceof SafeHtml ? value.html : escapeHtml(printed(value));
}

function keepOnly(registry: object, names: readonly string[]): void {
  for (const name of Object.keys(registry)) {
    if (!names.includes(name)) delete (registry as Record<string, unknown>)[name];
  }
}

const ENGINES = { html: createEngine('html'), text: createEngine('text') };

/** @throws LiquidError with the token it stumbled over; `check.ts` turns it into line and column. */
export function parseField(kind: 'html' | 'text', source: string): Template[] {
  return ENGINES[kind].parse(source);
}

/**
 * @param maxLength longest result, in UTF-16 units.
 * @throws OutputTooLarge, or a LiquidError: UndefinedVariableError for a variable that was needed and not given.
 */
export function renderField(
  kind: 'html' | 'text',
  templates: Template[],
  data: Readonly<Record<string, unknown>>,
  maxLength: number,
): string {
  const liquid = ENGINES[kind];
  const context = new Context(data, liquid.options, { sync: true }, { liquid });
  const emitter = new BoundedEmitter(maxLength) as unknown as Emitter;
  return toValueSync(countingRenderer.renderTemplates(templates, context, emitter));
}
