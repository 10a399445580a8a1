import { createPrivateKey } from 'node:crypto';
import DKIM from 'nodemailer/lib/dkim';

/** Location of the public key: TXT `<keySelector>._domainkey.<domainName>`. */
export interface DkimKey {
  domainName: string;
  keySelector: string;
  /** PEM of an RSA key. */
  privateKey: string;
}

/**
 * The header fields covered by a signature. Both List headers are included, or mail programs offer no one-click
 * unsubscribe (RFC 8058, section 4); nodemailer's own list lacks the second.
 */
const SIGNED_FIELDS = [
  'From',
  'Reply-To',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Auto-Submitted',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
];

/** A shorter key is no longer accepted (RFC 8301). */
const MIN_BITS = 1024;

/**
 * Signs mails (RFC 6376; rsa-sha256, relaxed/relaxed).
 *
 * @throws if the key cannot sign: at the start, because nodemailer would silently omit the signature.
 */
export function dkimSigner({
  domainName,
  keySelector,
  privateKey,
}: DkimKey): (letter: Buffer) => Promise<Buffer> {
  const dkim = new DKIM({
    domainName,
    keySelector,
    privateKey: rsaKey(privateKey),
    headerFieldNames: SIGNED_FIELDS.join(':'),
  });
  return async (letter) => {
    const chunks: Buffer[] = [];
    for await (const chunk of dkim.sign(letter)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
}

function rsaKey(pem: string) {
  const key = createPrivateKey(pem);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa' && bits >= MIN_BITS) return key;
  const is =
    key.asymmetricKeyType === 'rsa' ? `an RSA key of ${bits} bits` : `a key of type ${key.asymmetricKeyType}`;
  throw new Error(`dkim.privateKey is ${is}; give an RSA key of ${MIN_BITS} bits or more`);
}
