import type { Channel } from '@carillon/core/notification/channel';
import { ProblemError } from '@carillon/core/text/problem';

export function noSuchSuppression(channel: Channel, hash: Buffer): ProblemError {
  return new ProblemError(
    'not_found',
    `No ${channel} address with the hash ${hash.toString('hex')} is suppressed here; it may have been lifted. GET /v1/suppressions lists those that are.`,
  );
}
