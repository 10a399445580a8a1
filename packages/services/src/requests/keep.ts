import { type LoggedRequest, storeRequests } from '@carillon/db/request-log/write-request-log';
import type { ServiceContext } from '../context.ts';

/** Keeps requests for the request log, which has them for a day. Not audited: it only tells what was asked. */
export async function keepRequests(
  { db }: Pick<ServiceContext, 'db'>,
  requests: readonly LoggedRequest[],
): Promise<void> {
  await storeRequests(db, requests);
}
