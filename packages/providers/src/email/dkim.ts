import { createPrivateKey } from 'node:crypto';
import DKIM from 'nodemailer/lib/dkim';

/** Where the public key stands: TXT `<keySelector>._domainkey.<domainName>`. */
export interface DkimKey {
  domainName: string;
  keySelector: string;
  /** PEM of an RSA key. */
  privateKey: string;
}

/**
 * What a signature covers, of the fields that our letters have. Both List headers are in it, or mail programs offer no
 * one-click unsubscribing (RFC 8058, section 4); nodemailer's own list lacks the second.
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
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
];

/** A shorter one is not believed any more (RFC 8301). */
const MIN_BITS = 1024;

/**
 * Signs letters (RFC 6376; rsa-sha256, relaxed/relaxed).
 *
 * @throws if the key cannot sign: at the start, because nodemailer would leave the signature out without a word.
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
