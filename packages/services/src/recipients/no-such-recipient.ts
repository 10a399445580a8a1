import { ProblemError } from '@carillon/core/text/problem';
import type { Tenant } from '@carillon/db/connection/tenant';

/** The recipient of a verb: the customer's own id of the person, in one app and environment. */
export interface RecipientInput {
  tenant: Tenant;
  recipientId: string;
}

/** One answer for an id that does not exist and for one of another app. */
export function noSuchRecipient(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no recipient ${JSON.stringify(id.slice(0, 64))} in this app and environment. PUT it first.`,
  );
}
