import { type Liquid, Output, Parser, type Template, type Token, Tokenizer, TypeGuards } from 'liquidjs';
import type { FilterThis } from '../filters/number-filters.ts';
import { type HtmlPlace, HtmlReader } from './html-place.ts';
import { printIn } from './html-safety.ts';

/** The tokens of a template in order, as LiquidJS reads them. */
export type Tokens = ReturnType<Tokenizer['readTopLevelTokens']>;

/** @throws LiquidError for a tag or output that is not closed. */
export function tokensOf(liquid: Liquid, source: string): Tokens {
  return new Tokenizer(source, liquid.options.operators).readTopLevelTokens(liquid.options);
}

/**
 * LiquidJS' parser over tokens that were read before. An html field's outputs are escaped for their context.
 *
 * @throws LiquidError with the offending token; a RangeError inside it means that it is nested too deeply.
 */
export function parseTokens(liquid: Liquid, kind: 'html' | 'text', tokens: Tokens): Template[] {
  const places = kind === 'html' ? placesOf(tokens) : NO_PLACES;
  return new FieldParser(liquid, places).parseTokens(new TokenQueue(tokens) as unknown as Tokens);
}

/** The HTML context of each output that needs more than text escapes. */
export function placesOf(tokens: Tokens): ReadonlyMap<Token, HtmlPlace> {
  const places = new Map<Token, HtmlPlace>();
  const reader = new HtmlReader();
  let isComment = false;
  for (const token of tokens) {
    if (TypeGuards.isTagToken(token)) {
      if (token.name === 'comment') isComment = true;
      else if (token.name === 'endcomment') isComment = false;
    } else if (isComment) continue;
    else if (TypeGuards.isOutputToken(token)) {
      if (reader.place !== 'text') places.set(token, reader.place);
      reader.printed();
    } else reader.read(token.getText());
  }
  return places;
}

/** Outputs whose escape is not that of text. */
const placed = new WeakSet<Template>();

/** Whether this output is escaped as element content is. */
export function isPrintedAsText(output: Template): boolean {
  return !placed.has(output);
}

const NO_PLACES: ReadonlyMap<Token, HtmlPlace> = new Map();

class FieldParser extends Parser {
  readonly #places: ReadonlyMap<Token, HtmlPlace>;

  constructor(liquid: Liquid, places: ReadonlyMap<Token, HtmlPlace>) {
    super(liquid);
    this.#places = places;
  }

  override parseToken(...[token, rest]: Parameters<Parser['parseToken']>): ReturnType<Parser['parseToken']> {
    const template = super.parseToken(token, rest);
    const place = this.#places.get(token);
    if (template instanceof Output && place !== undefined) {
      placed.add(template);
      // LiquidJS puts the escape behind the author's filters; its types hide the handler.
      const added = template.value.filters.at(-1) as unknown as { handler: unknown };
      added.handler = function (this: FilterThis, value: unknown) {
        return printIn(place, value, () => this.context.memoryLimit.use(1));
      };
    }
    return template;
  }
}

/** LiquidJS removes tokens from the front of an array, which copies the rest of a long one each time. */
class TokenQueue {
  readonly #tokens: Tokens;
  #next = 0;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  get length(): number {
    return this.#tokens.length - this.#next;
  }

  shift(): Tokens[number] | undefined {
    const token = this.#tokens[this.#next];
    this.#next += 1;
    return token;
  }
}
