import { CaseTag, type Context, type Emitter, evalToken, ForTag, type Template, toValue } from 'liquidjs';
import { MEMBER_COST } from '../render/work.ts';
import { isEqual } from './operators.ts';

/** What the base classes keep private in their types only. */
type Token = Parameters<typeof evalToken>[0];
interface ForParts {
  variable: string;
  collection: NonNullable<Token> & { getText(): string };
  hash: { render(ctx: Context): Iterator<unknown> };
  templates: Template[];
  elseTemplates: Template[];
}
interface CaseParts {
  value: { value(ctx: Context, lenient?: boolean): Iterator<unknown> };
  branches: readonly { values: readonly Token[]; templates: Template[] }[];
  elseTemplates: Template[];
}
interface LoopState {
  breakCalled: boolean;
  continueCalled: boolean;
}

/** `forloop` as in LiquidJS: computed members of a plain object. */
class Loop {
  #i = 0;
  readonly length: number;
  readonly name: string;

  constructor(length: number, name: string) {
    this.length = length;
    this.name = name;
  }

  next(): void {
    this.#i += 1;
  }

  members(): Record<string, unknown> {
    const i = this.#i;
    return {
      name: this.name,
      length: this.length,
      index: i + 1,
      index0: i,
      rindex: this.length - i,
      rindex0: this.length - i - 1,
      first: i === 0,
      last: i === this.length - 1,
    };
  }
}

/**
 * `{% for %}` that counts its set-up: members of an object, and the copies that `offset`, `limit` and `reversed` make.
 */
export class CountedForTag extends ForTag {
  override *render(ctx: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const { variable, collection, hash, templates, elseTemplates } = this as unknown as ForParts;
    const { renderer } = this.liquid;
    let items = itemsOf(yield evalToken(collection, ctx), ctx);
    if (items.length === 0) {
      yield renderer.renderTemplates(elseTemplates, ctx, emitter);
      return;
    }
    const text = collection.getText();
    const continueKey = `continue-${variable}-${text}`;
    ctx.push({ continue: ctx.getRegister(continueKey, {} as unknown) });
    const { offset, limit, reversed } = (yield hash.render(ctx)) as Record<string, unknown>;
    ctx.pop();
    const copied = (copy: unknown[]): unknown[] => {
      ctx.memoryLimit.use(copy.length);
      return copy;
    };
    if (offset !== undefined) items = copied(items.slice(offset as number));
    if (limit !== undefined) items = copied(items.slice(0, limit as number));
    if (reversed !== undefined) items = copied(items.toReversed());
    ctx.setRegister(continueKey, ((offset as number) || 0) + items.length);
    const loop = new Loop(items.length, `${variable}-${text}`);
    const scope: Record<string, unknown> = Object.create(null);
    ctx.push(scope);
    const state = ctx as unknown as LoopState;
    for (const item of items) {
      scope.forloop = loop.members();
      scope[variable] = item;
      state.continueCalled = state.breakCalled = false;
      yield renderer.renderTemplates(templates, ctx, emitter);
      if (state.breakCalled) break;
      loop.next();
    }
    state.continueCalled = state.breakCalled = false;
    ctx.pop();
  }
}

/** `{% case %}` that counts its comparisons. As in LiquidJS, every branch that matches is rendered. */
export class CountedCaseTag extends CaseTag {
  override *render(ctx: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const { value, branches, elseTemplates } = this as unknown as CaseParts;
    const { renderer } = this.liquid;
    const target: unknown = toValue(yield value.value(ctx, true));
    let matched = false;
    for (const { values, templates } of branches) {
      for (const token of values) {
        if (!isEqual(target, yield evalToken(token, ctx, true), ctx)) continue;
        yield renderer.renderTemplates(templates, ctx, emitter);
        matched = true;
        break;
      }
    }
    if (!matched) yield renderer.renderTemplates(elseTemplates, ctx, emitter);
  }
}

/** The items of a loop: items of a list, a text as one item, members of an object as pairs. */
function itemsOf(collection: unknown, ctx: Context): unknown[] {
  const value: unknown = toValue(collection);
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (value === null || typeof value !== 'object') return [];
  const pairs = Object.entries(value);
  ctx.memoryLimit.use(pairs.length * 2 * MEMBER_COST);
  return pairs;
}
