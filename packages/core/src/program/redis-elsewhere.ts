/**
 * Errors of a Redis that this connection should no longer use: it is now a replica (READONLY, MASTERDOWN, UNBLOCKED for
 * a command that was blocked during the change), it is loading data from another one (LOADING), or it is cut off from
 * its replicas or cluster (NOREPLICAS, CLUSTERDOWN). Nothing else reveals a failover that leaves old sockets open; a
 * new connection reaches the new primary. Inside a script older servers put the word after `-`.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
const ELSEWHERE = /^(?:ERR .*-)?(?:READONLY|MASTERDOWN|UNBLOCKED|LOADING|NOREPLICAS|CLUSTERDOWN)\b/;

/**
 * Whether an error is the answer of a Redis that must not be written to, rather than of a Redis that does not answer.
 */
export function saysElsewhere(error: unknown): boolean {
  return error instanceof Error && ELSEWHERE.test(error.message);
}
