import { type Token, Tokenizer, TypeGuards } from 'liquidjs';
import { ARITY, HTML_FILTERS, NAMED_ARGUMENTS } from '../filters/filters.ts';
import { isCurrency, LIST_KINDS, STYLES } from '../filters/locale-filters.ts';
import { isZone } from '../filters/wall-clock.ts';
import { MAX_DEPTH } from '../render/limits.ts';

type FilterToken = NonNullable<ReturnType<Tokenizer['readFilter']>>;
type Value = ReturnType<Tokenizer['readValue']>;

/**
 * LiquidJS' tokenizer, refusing what it silently ignores: operators that do not exist (`a ?? b` prints `a`), arguments
 * that a filter does not take, quotes and brackets left open, anything after the end of an expression.
 *
 * Each `read` throws a LiquidError at the position of the mistake.
 */
export class StrictTokenizer extends Tokenizer {
  #depth = 0;

  /** An expression with its filters, and nothing after it. */
  readOnlyValue(): void {
    this.readFilteredValue();
    this.expectEnd();
  }

  /** @throws LiquidError if anything is left. */
  expectEnd(): void {
    this.skipBlank();
    this.assert(this.end(), () => `unexpected ${this.snapshot()}: remove it`);
  }

  /** Operands with an operator between each two. */
  override *readExpressionTokens(): IterableIterator<Token> {
    let wantsOperand = true;
    let hasOperator = false;
    while (this.p < this.N) {
      const begin = this.p;
      const operator = this.readOperator();
      if (operator) {
        const isUnary = operator.operator === 'not';
        const bad = () =>
          `unexpected operator ${JSON.stringify(operator.operator)}: it must stand between two values`;
        this.assert(isUnary === wantsOperand, bad, operator.begin);
        wantsOperand = true;
        hasOperator = true;
        yield operator;
        continue;
      }
      this.skipBlank();
      const at = this.p;
      const operand = this.readValue();
      if (!operand) {
        this.p = Math.max(begin, at);
        break;
      }
      const unknown = () => `unexpected ${this.#textFrom(at)}: ${OPERATOR_HINT}`;
      this.assert(wantsOperand, unknown, at);
      wantsOperand = false;
      yield operand;
    }
    this.assert(!hasOperator || !wantsOperand, () => `a value is missing before ${this.snapshot()}`);
  }

  override readFilter(): FilterToken | null {
    const begin = this.p;
    const filter = super.readFilter();
    if (filter === null) {
      const isEmpty = this.input.slice(begin, this.p).includes('|');
      this.assert(!isEmpty, 'a filter is missing behind "|": write it or remove the "|"', begin);
      return null;
    }
    this.#checkArguments(filter);
    return filter;
  }

  override readFilterArg(): ReturnType<Tokenizer['readFilterArg']> {
    const argument = super.readFilterArg();
    const isThere = Array.isArray(argument) ? argument[1] !== undefined : argument !== undefined;
    this.assert(isThere, () => `an argument is missing before ${this.snapshot()}`);
    return argument;
  }

  override readQuoted(): ReturnType<Tokenizer['readQuoted']> {
    const quoted = super.readQuoted();
    if (quoted) {
      const text = quoted.getText();
      const isClosed = text.length > 1 && text.at(-1) === text[0] && !endsEscaped(text);
      this.assert(isClosed, 'a quote is not closed', quoted.begin);
    }
    return quoted;
  }

  override readValue(): Value {
    this.#depth += 1;
    this.assert(this.#depth <= MAX_DEPTH, `is nested more than ${MAX_DEPTH} deep: simplify it`);
    const value = super.readValue();
    this.#depth -= 1;
    if (value && TypeGuards.isPropertyAccessToken(value)) this.#checkAccess(value);
    return value;
  }

  /** `a.b[c]`: exactly one value in brackets, and a name after each point. */
  #checkAccess(access: Token & { props: readonly Token[] }): void {
    const text = access.getText();
    this.assert(!/\.\s*$/.test(text), 'a name is missing behind the point', access.end);
    let p = access.begin;
    for (const prop of access.props) {
      const between = this.input.slice(p, prop.begin);
      if (between.trimEnd().endsWith('[')) {
        this.assert(prop.end > prop.begin, 'a value is missing between the brackets', prop.begin);
        const close = this.input.slice(prop.end, access.end).indexOf(']');
        const rest = this.input.slice(prop.end, prop.end + Math.max(close, 0)).trim();
        this.assert(
          rest === '',
          `unexpected ${JSON.stringify(rest)} between the brackets: remove it`,
          prop.end,
        );
      }
      p = prop.end;
    }
  }

  #checkArguments(filter: FilterToken): void {
    const { name, args } = filter;
    const isKnown = Object.hasOwn(ARITY, name);
    // Another check lists the existing filters.
    if (!isKnown && !(HTML_FILTERS as readonly string[]).includes(name)) return;
    const [least, most] = isKnown ? ARITY[name as keyof typeof ARITY] : [0, 0];
    const named = args.filter((argument) => Array.isArray(argument));
    for (const [key] of named) {
      const allowed = NAMED_ARGUMENTS[name] ?? [];
      this.assert(
        allowed.includes(String(key)),
        `filter "${name}" has no argument "${key}"${allowed.length > 0 ? `, only ${allowed.join(', ')}` : ''}: remove it`,
        filter.begin,
      );
    }
    const count = args.length - named.length;
    const takes = least === most ? `${least}` : `${least} to ${most}`;
    const plural = takes === '1' ? '' : 's';
    const message = `filter "${name}" takes ${takes} argument${plural} and is given ${count}: ${count > most ? 'remove the others' : 'add what is missing'}`;
    this.assert(count >= least && count <= most, message, filter.begin);
    if (['date', 'time', 'date_time'].includes(name)) this.#checkZone(args[1] as Token | undefined);
    if (name === 'time' || name === 'date_time') this.#checkWord(args[0] as Token, STYLES, 'style of a time');
    if (name === 'list') this.#checkWord(args[0] as Token, LIST_KINDS, 'kind of a list');
    if (name === 'currency') this.#checkCurrency(args[0] as Token);
    if (name === 'plural')
      this.assert(
        named.some(([key]) => key === 'other'),
        'filter "plural" needs the form other: {{ n | plural: one: "item", other: "items" }}',
        filter.begin,
      );
    const divisor = args[0] as (Token & { content?: unknown }) | undefined;
    if ((name === 'divided_by' || name === 'modulo') && divisor && TypeGuards.isNumberToken(divisor))
      this.assert(divisor.content !== 0, `filter "${name}" by 0 has no result`, filter.begin);
  }

  #checkZone(zone: Token | undefined): void {
    if (!zone || !TypeGuards.isQuotedToken(zone)) return;
    const name = String(zone.content);
    const message = `${JSON.stringify(name)} is no time zone: give an IANA name such as "Europe/Berlin". Names of days and months follow the locale of the text`;
    this.assert(isZone(name), message, zone.begin);
  }

  #checkWord(word: Token | undefined, allowed: readonly string[], what: string): void {
    if (!word || !TypeGuards.isQuotedToken(word)) return;
    const text = String(word.content);
    const message = `${JSON.stringify(text)} is no ${what}: give one of ${allowed.join(', ')}`;
    this.assert(allowed.includes(text), message, word.begin);
  }

  #checkCurrency(code: Token | undefined): void {
    if (!code || !TypeGuards.isQuotedToken(code)) return;
    const text = String(code.content);
    const message = `${JSON.stringify(text)} is no currency: give an ISO 4217 code such as "EUR"`;
    this.assert(isCurrency(text.toUpperCase()), message, code.begin);
  }

  #textFrom(begin: number): string {
    return JSON.stringify(this.input.slice(begin, Math.min(this.N, begin + 32)));
  }
}

const OPERATOR_HINT =
  'operators are ==, !=, <, >, <=, >=, contains, and, or, not; for a fallback use the filter default';

/** Whether the last quote is escaped, so that it closes nothing. */
function endsEscaped(text: string): boolean {
  const body = text.slice(1, -1);
  return (/\\*$/.exec(body.slice(-64))?.[0].length ?? 0) % 2 === 1;
}
