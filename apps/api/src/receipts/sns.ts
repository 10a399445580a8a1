import { ProblemError } from '@carillon/core/text/problem';
import { LRUCache } from 'lru-cache';

/**
 * The two URLs that SNS requires to be called. Both were verified to be SNS hosts (receipts/ses.ts) before this point;
 * redirects are not followed, and answers are small.
 */
export interface Sns {
  /** PEM of a signing certificate; each is fetched once. */
  certificateAt(url: string): Promise<string>;
  confirm(url: string): Promise<void>;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024;
/** SNS changes its certificate about once a year. */
const MAX_CERTIFICATES = 20;

export function createSns(fetchIt: typeof fetch = fetch): Sns {
  const certificates = new LRUCache<string, Promise<string>>({ max: MAX_CERTIFICATES });

  const get = async (url: string): Promise<string> => {
    const response = await fetchIt(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    if (!response.ok || text.length > MAX_BYTES)
      throw new Error(`SNS answered ${response.status} with ${text.length} bytes`);
    return text;
  };

  return {
    certificateAt(url) {
      const known = certificates.get(url);
      if (known) return known;
      const fetched = get(url).catch((cause: unknown) => {
        certificates.delete(url);
        // SNS retries; refusing it as forged would lose the receipt.
        throw new ProblemError('unavailable', 'The certificate of SNS could not be fetched. Try again.', {
          retryAfterSeconds: 5,
          cause,
        });
      });
      certificates.set(url, fetched);
      return fetched;
    },
    confirm: async (url) => {
      try {
        await get(url);
      } catch (cause) {
        throw new ProblemError('unavailable', 'The subscription could not be confirmed at SNS. Try again.', {
          retryAfterSeconds: 5,
          cause,
        });
      }
    },
  };
}
