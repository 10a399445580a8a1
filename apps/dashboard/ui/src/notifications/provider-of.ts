import { PROVIDER_PHRASES } from '@carillon/core/provider/provider-words';

const KNOWN = [...Object.keys(PROVIDER_PHRASES), 'smtp'];

/** The provider of an account, as far as its key says: most accounts are named after theirs (`twilio`, `twilio-eu`). */
export function providerOf(account: string | null): string | null {
  if (account === null) return null;
  return (
    KNOWN.find((id) => account === id || account.startsWith(`${id}-`) || account.startsWith(`${id}_`)) ?? null
  );
}
