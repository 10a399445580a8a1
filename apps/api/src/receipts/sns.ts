import { ProblemError } from '@carillon/core/problem';

/**
 * The two addresses SNS makes us call. Both were checked to be SNS' own hosts (receipts/ses.ts) before they come here; no
 * redirect is followed, and answers are small.
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
  const certificates = new Map<string, Promise<string>>();

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
        // SNS tries again; refusing it as forged would lose the receipt.
        throw new ProblemError('unavailable', 'The certificate of SNS could not be fetched. Try again.', {
          retryAfterSeconds: 5,
          cause,
        });
      });
      if (certificates.size >= MAX_CERTIFICATES) certificates.delete(certificates.keys().next().value!);
      certificates.set(url, fetched);
      return fetched;
    },
    confirm: async (url) => {
      await get(url);
    },
  };
}
