/**
 * The cause of a group's failed statement:
 *
 * - `member`: one of its members. The group is halved until that one is alone.
 * - `server`: the server cannot execute it now, whatever its content. Nothing more is tried.
 * - `other`: unknown. This part of the group fails, the others are tried.
 */
export type GroupFailure = 'member' | 'server' | 'other';

/** The result of one member of a group. */
export type Settled<Result> = { ok: true; result: Result } | { ok: false; error: unknown };

/**
 * Commits a group, and if one member causes a failure, its halves, one after the other and in order. One failing member
 * among n costs 2 log2(n) more statements. Members keep the result of their own part: a part that fails later does not
 * undo one that was committed before.
 *
 * @param commit handles a group in one transaction and returns one result per member, in order.
 * @returns one entry per member, in order. It never rejects.
 */
export async function bisect<Item, Result>(
  items: Item[],
  commit: (items: Item[]) => Promise<Result[]>,
  failureOf: (error: unknown) => GroupFailure,
): Promise<Settled<Result>[]> {
  let stoppedBy: { error: unknown } | null = null;

  const settle = async (part: Item[]): Promise<Settled<Result>[]> => {
    if (stoppedBy) return failed(part, stoppedBy.error);
    try {
      return (await commit(part)).map((result) => ({ ok: true, result }));
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'server') stoppedBy = { error };
      if (failure !== 'member' || part.length < 2) return failed(part, error);
      const middle = part.length >> 1;
      const first = await settle(part.slice(0, middle));
      return first.concat(await settle(part.slice(middle)));
    }
  };

  return settle(items);
}

function failed<Item>(items: readonly Item[], error: unknown): Settled<never>[] {
  return items.map(() => ({ ok: false, error }));
}
