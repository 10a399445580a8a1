import { Cluster, type ClusterNode, type ClusterOptions } from 'ioredis';

/**
 * A client of a Redis Cluster whose `connect` always comes to an end.
 *
 * A cluster that answers but is not yet ready (`cluster_state:fail`, as in a failover) makes ioredis connect again by
 * itself, and the promise of the first `connect` then never settles. BullMQ awaits it after a wait for jobs that took too
 * long: that worker took no more jobs, although its connection was ready again.
 */
export class ClusterClient extends Cluster {
  readonly #nodesAtStart: ClusterNode[];

  constructor(nodes: ClusterNode[], options: ClusterOptions) {
    super(nodes, options as object);
    this.#nodesAtStart = nodes;
  }

  override connect(): Promise<void> {
    return Promise.race([super.connect(), outcomeOf(this)]);
  }

  /** ioredis would make a client of its own class. */
  override duplicate = ((nodes: ClusterNode[] = [], options?: ClusterOptions) =>
    new ClusterClient(nodes.length > 0 ? nodes : this.#nodesAtStart, {
      ...this.options,
      ...options,
      redisOptions: { ...this.options.redisOptions, ...options?.redisOptions },
    })) as Cluster['duplicate'];
}

/** One for all attempts of a client: ioredis calls `connect` for each of them. */
const outcomes = new WeakMap<ClusterClient, Promise<void>>();

/** Resolves once the client is ready, rejects if it is ended before. */
function outcomeOf(client: ClusterClient): Promise<void> {
  const known = outcomes.get(client);
  if (known) return known;
  const outcome = new Promise<void>((resolve, reject) => {
    const settle = (how: () => void) => () => {
      client.off('ready', onReady);
      client.off('end', onEnd);
      outcomes.delete(client);
      how();
    };
    const onReady = settle(resolve);
    const onEnd = settle(() =>
      reject(new Error('The connection to the Redis Cluster was ended before it was ready.')),
    );
    client.on('ready', onReady);
    client.on('end', onEnd);
  });
  outcome.catch(() => {});
  outcomes.set(client, outcome);
  return outcome;
}
