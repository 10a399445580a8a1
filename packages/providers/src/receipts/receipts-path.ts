import { RECEIPT_READERS } from './readers.ts';

/** The path of an account's receipts on the API; null for a provider that sends none. */
export function receiptsPath({ id, provider }: { id: string; provider: string }): string | null {
  return provider in RECEIPT_READERS ? `/v1/receipts/${provider}/${id}` : null;
}
