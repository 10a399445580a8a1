import { error, type Finding, ok, warning } from './finding.ts';

const WARN_MS = 2_000;
const ERROR_MS = 60_000;

/**
 * The offset of a server's clock from this machine's, accurate to the duration of the query.
 *
 * @param serverTime ms since the epoch, read between the two local times.
 */
export function clockFinding(check: string, serverTime: number, sentAt: number, receivedAt: number): Finding {
  const difference = serverTime < sentAt ? sentAt - serverTime : Math.max(0, serverTime - receivedAt);
  const seconds = (difference / 1000).toFixed(1);
  const side = serverTime < sentAt ? 'behind' : 'ahead of';
  const remedy = 'Let every machine follow the same time source (NTP, chrony).';
  if (difference > ERROR_MS) return error(check, `it is ${seconds} s ${side} this machine`, remedy);
  if (difference > WARN_MS) return warning(check, `it is ${seconds} s ${side} this machine`, remedy);
  return ok(check, `it agrees with this machine to ${(WARN_MS / 1000).toFixed(0)} s`);
}
