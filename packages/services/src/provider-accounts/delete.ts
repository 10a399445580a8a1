import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { deleteProviderAccount as deleteRow } from '@carillon/db/provider-accounts/write-provider-accounts';
import type { ActorContext } from '../context.ts';
import { noSuchAccount } from './verify.ts';

/** Removes a provider account and its credentials. Returns when nothing is sent through it. @throws ProblemError 404. */
export async function deleteProviderAccount(
  { db, actor }: ActorContext,
  { id }: { id: string },
): Promise<void> {
  if (!(await deleteRow(db, id, actor))) throw noSuchAccount(id);
  await untilObeyed();
}
