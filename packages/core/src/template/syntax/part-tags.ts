import {
  type Context,
  type Emitter,
  Hash,
  type Liquid,
  type Parser,
  Tag,
  type TagToken,
  type Template,
  type TopLevelToken,
} from 'liquidjs';
import type { FieldContext } from './field-context.ts';

type Arguments = ReturnType<NonNullable<Template['arguments']>>;
type Argument = Arguments extends Iterable<infer Value> ? Value : never;

/** How authors use a partial: `{% render 'footer', year: 2027 %}`. */
export const RENDER_TAG = 'render';
/**
 * What becomes of it, and of the text in a layout, where a published text is made: `{% part year: 2027 %}...{% endpart %}` around
 * the text of the partial. Authors cannot write it.
 */
export const PART_TAG = 'part';

/**
 * In a text as its author writes it: its name and values can be read, and nothing is rendered. strict-syntax.ts checks its
 * form.
 */
export class RenderTag extends Tag {
  readonly #values: Hash;

  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid) {
    super(token, rest, liquid);
    this.tokenizer.skipBlank();
    this.tokenizer.readQuoted();
    this.#values = new Hash(this.tokenizer);
  }

  // biome-ignore lint/correctness/useYield: LiquidJS wants a generator.
  override *render(): Generator<unknown, void, unknown> {
    throw new Error('a partial is put in when a text is published');
  }

  *arguments(): Arguments {
    for (const value of Object.values(this.#values.hash)) if (value !== undefined) yield value as Argument;
  }
}

/** A part of a published text with variables of its own: it sees the data and its values, and nothing set around it. */
export class PartTag extends Tag {
  /** required-variables.ts reads it. */
  readonly isIsolated = true;
  readonly #values: Hash;
  readonly #templates: Template[] = [];

  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid);
    this.#values = new Hash(this.tokenizer);
    while (rest.length > 0) {
      const next = rest.shift()!;
      if ((next as TagToken).name === `end${PART_TAG}`) return;
      this.#templates.push(parser.parseToken(next, rest));
    }
    throw new Error(`tag ${token.getText()} not closed`);
  }

  override *render(ctx: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const values = (yield this.#values.render(ctx)) as object;
    const inner = (ctx as FieldContext).isolated(values);
    yield this.liquid.renderer.renderTemplates(this.#templates, inner, emitter);
  }

  // biome-ignore lint/correctness/useYield: LiquidJS reads the nodes from the return value.
  *children(): Generator<unknown, Template[]> {
    return this.#templates;
  }

  *arguments(): Arguments {
    for (const value of Object.values(this.#values.hash)) if (value !== undefined) yield value as Argument;
  }

  blockScope(): Iterable<string> {
    return Object.keys(this.#values.hash);
  }
}
