import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { type KnownMetric, SCRAPED_LABELS } from './known-metrics.ts';

/** One series selector of a query. */
export interface Selector {
  /** As it is written: with `_bucket`, `_sum` or `_count` of a histogram. */
  metric: string;
  /** The labels that it matches. */
  labels: string[];
}

/** A list of labels in a query: `by (lane)`, `on (provider)`. */
interface Grouping {
  labels: string[];
  /** The selectors that it is about. */
  selectors: Selector[];
  /** Labels that `label_replace` makes below it. */
  made: string[];
}

export interface Query {
  /** Where the text is not PromQL, as positions; empty if all of it is. */
  errors: number[];
  selectors: Selector[];
  groupings: Grouping[];
  /** Labels that `label_replace` makes anywhere in it. */
  made: string[];
}

/** Reads a query by the grammar of Prometheus' own editor. */
export function parseQuery(text: string): Query {
  const tree = parser.parse(text);
  const of = (node: SyntaxNode): string => text.slice(node.from, node.to);
  const query: Query = { errors: [], selectors: [], groupings: [], made: madeBelow(tree.topNode, of) };
  tree.iterate({
    enter({ node, type, from }) {
      if (type.isError) query.errors.push(from);
      if (type.name === 'VectorSelector') query.selectors.push(selectorAt(node, of));
      if (type.name === 'GroupingLabels') {
        const labels = node.getChildren('LabelName').map(of);
        const about = subjectOf(node);
        query.groupings.push({ labels, selectors: selectorsBelow(about, of), made: madeBelow(about, of) });
      }
    },
  });
  return query;
}

/**
 * What is wrong with a query: syntax, metrics that are not known, labels that a metric does not have.
 *
 * @returns one sentence for each fault; none if the query can work
 */
export function faultsOf(text: string, known: Readonly<Record<string, KnownMetric>>): string[] {
  const { errors, selectors, groupings } = parseQuery(text);
  const faults = errors.map((at) => `no PromQL at ${at}: ${text}`);
  const labelsOf = ({ metric }: Selector): readonly string[] => {
    const found = lookUp(metric, known);
    return found ? [...found.labels, ...SCRAPED_LABELS, ...(metric.endsWith('_bucket') ? ['le'] : [])] : [];
  };
  for (const selector of selectors) {
    if (!lookUp(selector.metric, known)) faults.push(`unknown metric ${selector.metric}`);
    else
      for (const label of selector.labels)
        if (!labelsOf(selector).includes(label)) faults.push(`${selector.metric} has no label ${label}`);
  }
  for (const { labels, selectors: about, made } of groupings)
    for (const label of labels)
      for (const selector of about)
        if (lookUp(selector.metric, known) && !made.includes(label) && !labelsOf(selector).includes(label))
          faults.push(`${selector.metric} has no label ${label} to group by`);
  return faults;
}

/** The metric of a name in a query; a histogram is read by its three suffixes, anything else by its own name. */
export function lookUp(name: string, known: Readonly<Record<string, KnownMetric>>): KnownMetric | undefined {
  const base = /^(.+)_(bucket|sum|count)$/.exec(name)?.[1];
  const histogram = base === undefined ? undefined : known[base];
  if (histogram?.type === 'histogram') return histogram;
  return known[name]?.type === 'histogram' ? undefined : known[name];
}

function selectorAt(node: SyntaxNode, of: (node: SyntaxNode) => string): Selector {
  const metric = node.getChild('Identifier');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: metric ? of(metric) : '',
    labels: matchers.map((each) => of(each.getChild('LabelName')!)),
  };
}

/**
 * What a list of labels is about: the aggregation that it belongs to, or both sides of the operator. The labels that
 * `group_left` copies exist on one side only, so these are about nothing.
 */
function subjectOf(node: SyntaxNode): SyntaxNode | null {
  const before = node.prevSibling?.name;
  if (before === 'GroupLeft' || before === 'GroupRight') return null;
  return node.parent?.parent ?? null;
}

function nodesBelow(root: SyntaxNode | null, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  root?.cursor().iterate(({ node, type }) => {
    if (type.name === name) found.push(node);
  });
  return found;
}

const selectorsBelow = (root: SyntaxNode | null, of: (node: SyntaxNode) => string): Selector[] =>
  nodesBelow(root, 'VectorSelector').map((node) => selectorAt(node, of));

/** The second argument of each `label_replace`. */
const madeBelow = (root: SyntaxNode | null, of: (node: SyntaxNode) => string): string[] =>
  nodesBelow(root, 'FunctionCall')
    .filter((call) => call.getChild('FunctionIdentifier')?.firstChild?.name === 'LabelReplace')
    .flatMap((call) => call.getChild('FunctionCallBody')?.getChildren('StringLiteral').slice(0, 1) ?? [])
    .map((literal) => of(literal).slice(1, -1));
