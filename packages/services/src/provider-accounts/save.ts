import type { KeyRing } from '@carillon/core/notification/envelope';
import { untilObeyed } from '@carillon/core/notification/facts-hold';
import type { FieldError } from '@carillon/core/text/problem';
import { changeProviderAccount } from '@carillon/db/provider-accounts/change-provider-account';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { encryptAccount } from '@carillon/providers/accounts/account-encryption';
import { type Kept, settingsFromFields, type Words } from '@carillon/providers/accounts/form-fields';
import type { ActorContext } from '../context.ts';

/** The new definition of an account. */
export interface AccountDraft {
  words: Words;
  /** Defaults for fields that are not given. */
  kept: Kept;
  enabled: boolean;
}

export interface SaveInput {
  id: string;
  /** The keys that encrypt its credentials, the current one first. */
  ring: KeyRing;
  /**
   * Called with the account under its lock, or null if there is none; returning null leaves it unchanged. Pure and
   * fast.
   */
  draft(now: ProviderAccountRow | null): AccountDraft | { errors: FieldError[] } | null;
}

/**
 * Creates or changes a provider account: checks the fields by the table that checks PROVIDERS_FILE, encrypts the
 * credentials and stores the row. Returns when nothing is sent by the previous version of the account any more.
 *
 * @returns the account and whether it was created, the problems by field, or null if it was left unchanged.
 */
export async function saveProviderAccount(
  { db, actor }: ActorContext,
  { id, ring, draft }: SaveInput,
): Promise<{ account: ProviderAccountRow; created: boolean } | { errors: FieldError[] } | null> {
  let refused: FieldError[] | null = null;
  const change = (now: ProviderAccountRow | null) => {
    const wanted = draft(now);
    if (wanted === null) return null;
    const read = 'errors' in wanted ? wanted : settingsFromFields(wanted.words, wanted.kept);
    if ('errors' in read) {
      refused = read.errors;
      return null;
    }
    const row = encryptAccount(ring, read.settings, 'enabled' in wanted ? wanted.enabled : true);
    // Only PROVIDERS_FILE may name a CA file; it is read only while that file manages the account.
    return { ...row, managedBy: row.settings.caFile === undefined ? 'api' : 'file' } as const;
  };
  const changed = await changeProviderAccount(db, id, change, actor);
  if (refused !== null) return { errors: refused };
  if (changed !== null && !changed.created) await untilObeyed();
  return changed;
}
