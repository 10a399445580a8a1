import { Output, Tag, type Template, Value } from 'liquidjs';

/**
 * Derives from a parsed template what `data` must contain. A variable is required if every rendering prints it or loops
 * over it: not one with `default` as its first filter, not one inside an `if` (or `unless`, `case`) that tests it, and
 * of branches only what all of them need. Variables that a branch needs at run time are checked by the renderer.
 */
export interface VariableUse {
  /** Every global variable the template mentions, as dotted paths: `order.id`. */
  variables: Set<string>;
  required: Set<string>;
}

/** Fields of LiquidJS' parsed tags; its types hide them, its own static analysis reads them. */
interface Token {
  props?: readonly Token[];
  variable?: Token;
  content?: unknown;
  lhs?: Token;
  rhs?: Token;
}
interface Branches {
  branches: readonly { value?: Value; values?: readonly Token[]; templates: Template[] }[];
  elseTemplates?: Template[];
  value?: Value;
}

export function variableUse(templates: readonly Template[]): VariableUse {
  const variables = new Set<string>();
  /** Variables assigned or captured so far, anywhere: LiquidJS keeps them to the end. */
  const assigned = new Set<string>();
  /** Loop variables of the enclosing blocks, with the number of blocks that use the name. */
  const scoped = new Map<string, number>();
  const required = walk(templates, null);
  return { variables, required };

  /** @returns what these nodes require. */
  function walk(nodes: readonly Template[], asked: Asked | null): Set<string> {
    const needed = new Set<string>();
    const use = (paths: Iterable<string>, optional: boolean): void => {
      for (const path of paths) {
        const root = rootOf(path);
        if (assigned.has(root) || (scoped.get(root) ?? 0) > 0) continue;
        variables.add(path);
        if (!optional && !isAsked(path, asked)) needed.add(path);
      }
    };
    for (const node of nodes) {
      if (isBranching(node)) {
        const tests = [node.value, ...node.branches.map((branch) => branch.value)].filter(
          (v) => v instanceof Value,
        );
        const testedPaths = tests.flatMap(pathsOfValue);
        use(testedPaths, true);
        use(
          node.branches.flatMap((branch) => (branch.values ?? []).flatMap(pathsOfToken)),
          true,
        );
        const inside: Asked = { paths: new Set(testedPaths), around: asked };
        const arms = [...node.branches.map((branch) => branch.templates), node.elseTemplates ?? []];
        const needs = arms.map((arm) => walk(arm, inside));
        for (const path of needs[0] ?? []) if (needs.every((arm) => arm.has(path))) needed.add(path);
        continue;
      }
      for (const argument of node.arguments?.() ?? []) {
        if (argument instanceof Value) use(pathsOfValue(argument), argument.filters[0]?.name === 'default');
        else use(pathsOfToken(argument as Token), false);
      }
      const children = node instanceof Output ? [] : childrenOf(node);
      if ((node as BlockTag).isIsolated) {
        for (const path of isolated(node as BlockTag, () => walk(children, asked))) needed.add(path);
        continue;
      }
      if (children.length > 0) {
        const block = node instanceof Tag ? [...((node as BlockTag).blockScope?.() ?? [])] : [];
        for (const name of block) scoped.set(name, (scoped.get(name) ?? 0) + 1);
        for (const path of walk(children, asked)) needed.add(path);
        for (const name of block) scoped.set(name, scoped.get(name)! - 1);
      }
      for (const name of (node as BlockTag).localScope?.() ?? []) assigned.add(name.content);
    }
    return needed;
  }

  /** Runs `inside` without what is set around a part, and leaves nothing that is set in it. */
  function isolated<T>(part: BlockTag, inside: () => T): T {
    const around = { assigned: [...assigned], scoped: [...scoped] };
    assigned.clear();
    scoped.clear();
    for (const name of part.blockScope?.() ?? []) scoped.set(name, 1);
    const found = inside();
    assigned.clear();
    scoped.clear();
    for (const name of around.assigned) assigned.add(name);
    for (const [name, count] of around.scoped) scoped.set(name, count);
    return found;
  }
}

/** The variables tested by the enclosing conditions, from the innermost outwards. */
interface Asked {
  paths: ReadonlySet<string>;
  around: Asked | null;
}

/**
 * Which of `required` are not in `data`; null counts as missing, an empty string or list does not.
 *
 * @param required dotted paths as `variableUse` returns them.
 */
export function missingVariables(
  required: Iterable<string>,
  data: Readonly<Record<string, unknown>>,
): string[] {
  return [...required].filter((path) => {
    let value: unknown = data;
    for (const name of path.split('.')) {
      if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) {
        // `size`, `first` and `last` are computed by the renderer.
        return !(COMPUTED.includes(name) && value !== null && value !== undefined && value !== data);
      }
      value = (value as Record<string, unknown>)[name];
    }
    return value === null || value === undefined;
  });
}

const COMPUTED = ['size', 'first', 'last'];

interface BlockTag {
  isIsolated?: boolean;
  blockScope?: () => Iterable<string>;
  localScope?: () => Iterable<{ content: string }>;
}

function isBranching(node: Template): node is Template & Branches {
  return 'branches' in node;
}

/** A block's nodes, both of its body and of its `else`. LiquidJS yields them from a generator's return value. */
function childrenOf(node: Template): Template[] {
  const generator = node.children?.(false, true) as Iterator<unknown, Template[]> | undefined;
  return generator ? (generator.next().value as Template[]) : [];
}

function pathsOfValue(value: Value): string[] {
  const ofArguments = value.filters.flatMap((filter) =>
    filter.args.flatMap((argument) =>
      pathsOfToken((Array.isArray(argument) ? argument[1] : argument) as Token),
    ),
  );
  return [...value.initial.postfix.flatMap((token) => pathsOfToken(token as Token)), ...ofArguments];
}

function pathsOfToken(token: Token | undefined): string[] {
  if (!token) return [];
  if (token.lhs && token.rhs) return [...pathsOfToken(token.lhs), ...pathsOfToken(token.rhs)];
  if (!token.props || token.variable) return [];
  const path: string[] = [];
  const nested: string[] = [];
  let open = true;
  for (const prop of token.props) {
    if (prop.props) {
      nested.push(...pathsOfToken(prop));
      open = false;
    } else if (open && typeof prop.content === 'string' && !prop.content.includes('.'))
      path.push(prop.content);
    else open = false;
  }
  return path.length > 0 ? [path.join('.'), ...nested] : nested;
}

function rootOf(path: string): string {
  return path.split('.', 1)[0]!;
}

/** Longer paths are compared up to this length. */
const MAX_PREFIXES = 32;

function isAsked(path: string, asked: Asked | null): boolean {
  if (asked === null) return false;
  const prefixes = [path];
  for (
    let end = path.indexOf('.');
    end !== -1 && prefixes.length < MAX_PREFIXES;
    end = path.indexOf('.', end + 1)
  )
    prefixes.push(path.slice(0, end));
  for (let level: Asked | null = asked; level !== null; level = level.around)
    for (const prefix of prefixes) if (level.paths.has(prefix)) return true;
  return false;
}
