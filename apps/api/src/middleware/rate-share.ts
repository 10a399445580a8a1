/**
 * One process' share of a key's limit, max-min fair by demand: each process gets its demand as long as the sum fits;
 * excess is cut from the largest demands first; the remainder is spread evenly, as room for bursts.
 *
 * @param limit requests per second of the key over all processes.
 * @param mine recent requests per second at this process, refused ones included.
 * @param others the same for every other process.
 * @returns this process' requests per second, above 0.
 */
export function shareOf(limit: number, mine: number, others: readonly number[]): number {
  const demands = [mine, ...others];
  const total = demands.reduce((sum, demand) => sum + demand, 0);
  if (total <= limit) return mine + (limit - total) / demands.length;

  let left = limit;
  const rising = demands.toSorted((a, b) => a - b);
  for (const [index, demand] of rising.entries()) {
    const level = left / (rising.length - index);
    if (demand >= level) return Math.min(mine, level);
    left -= demand;
  }
  return mine;
}
