import type { Problem } from './write-form.ts';

/** The fields of a condition that a message can stand at; `whole` for the rest of it, and for groups. */
export type Part = 'field' | 'op' | 'value' | 'whole';

/** Messages by the id of the node that they stand at. */
export type Placed = ReadonlyMap<string, Readonly<Partial<Record<Part, string>>>>;

/**
 * Puts each message at the node that its path leads to, or furthest towards.
 *
 * @param places the paths of the nodes, outer ones first.
 * @returns `others`: messages about something outside of the filter.
 */
export function placeProblems(
  problems: readonly Problem[],
  places: ReadonlyMap<string, string>,
): { placed: Placed; others: Problem[] } {
  const placed = new Map<string, Partial<Record<Part, string>>>();
  const others: Problem[] = [];
  for (const problem of problems) {
    const [id, at] = nodeAt(problem.path, places);
    if (id === undefined) others.push(problem);
    else {
      const part = partOf(problem.path.slice(at!.length + 1));
      const own = placed.get(id) ?? {};
      placed.set(id, { ...own, [part]: own[part] ? `${own[part]} ${problem.message}` : problem.message });
    }
  }
  return { placed, others };
}

function nodeAt(path: string, places: ReadonlyMap<string, string>): [id?: string, at?: string] {
  let best: [id?: string, at?: string] = [];
  for (const [id, at] of places)
    if ((path === at || path.startsWith(`${at}.`)) && at.length >= (best[1]?.length ?? 0)) best = [id, at];
  return best;
}

function partOf(rest: string): Part {
  const [first = ''] = rest.split('.');
  if (first === 'field' || first === 'op' || first === 'value') return first;
  if (rest === 'is') return 'op';
  return ['audience', 'not.audience', 'campaign'].includes(rest) ? 'value' : 'whole';
}
