import type { KeyRing } from '@carillon/core/notification/envelope';
import { ProblemError } from '@carillon/core/text/problem';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { secretsOf } from '@carillon/providers/accounts/account-encryption';
import type { Words } from '@carillon/providers/accounts/form-fields';
import type { ActorContext } from '../context.ts';
import type { Unchanged } from './change.ts';
import { saveProviderAccount } from './save.ts';

/** The format of an account id; anything else is refused before it reaches PostgreSQL. */
export const ACCOUNT_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export interface PutAccountInput {
  id: string;
  /** The fields of docs/providers.md in snake_case, without `id` and `enabled`. */
  words: Words;
  enabled: boolean;
  ring: KeyRing;
  /** Whether an existing account may be replaced; secrets that the fields do not name stay. */
  replace: boolean;
  /** Called with the account under its lock; throws if it is not what the change starts from. */
  unchanged?: Unchanged | undefined;
}

/**
 * Creates or replaces a provider account.
 *
 * @throws ProblemError 409 if it exists and must not be replaced, what `unchanged` throws, 422 naming each field, never a value of a credential.
 */
export async function putProviderAccount(
  ctx: ActorContext,
  { id, words, enabled, ring, replace, unchanged }: PutAccountInput,
): Promise<{ account: ProviderAccountRow; created: boolean }> {
  if (!ACCOUNT_ID.test(id))
    throw new ProblemError(
      'invalid_request',
      `${JSON.stringify(id.slice(0, 64))} is no id of a provider account; it must be 1 to 63 of a-z, 0-9, - and _, such as "resend" or "twilio-eu".`,
    );
  const saved = await saveProviderAccount(ctx, {
    id,
    ring,
    draft: (before) => {
      if (before !== null && !replace) throw isThere(before);
      unchanged?.(before);
      const kept =
        before !== null && before.provider === words.provider
          ? { ...secretsOf(ring, before), settings: before.settings }
          : {};
      return { words: { ...words, id }, kept, enabled };
    },
  });
  if (saved !== null && 'errors' in saved) {
    const detail = saved.errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new ProblemError('invalid_request', `The account cannot be used as it is: ${detail}.`, {
      errors: saved.errors,
    });
  }
  return saved!;
}

function isThere({ id, provider }: ProviderAccountRow): ProblemError {
  return new ProblemError(
    'invalid_state',
    `There is a provider account ${id} (${provider}) already. Replace it with --replace, or take another id.`,
  );
}
