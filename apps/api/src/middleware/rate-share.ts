/**
 * How much of a key's limit one process gets, max-min fair by demand: everybody gets what they ask for as long as it
 * fits; what is too much is cut from the greediest first; what is left over is spread evenly, as room for bursts.
 *
 * @param limit requests per second of the key over all processes.
 * @param mine requests per second this process was asked for lately, refused ones included.
 * @param others the same of every other process.
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
