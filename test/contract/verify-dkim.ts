import { createHash, createVerify, type KeyObject } from 'node:crypto';

/**
 * The result of a mail server's check: which fields the signature covers, and whether body and fields are as signed.
 */
export interface DkimFinding {
  domain: string;
  selector: string;
  fields: string[];
  bodyIsIntact: boolean;
  fieldsAreIntact: boolean;
}

/**
 * Checks a DKIM signature as RFC 6376 says (rsa-sha256, relaxed/relaxed), written from the RFC and not from nodemailer.
 *
 * @param mail as it came over the wire, with CRLF and without dot-stuffing.
 */
export function verifyDkim(mail: string, publicKey: KeyObject): DkimFinding | null {
  const end = mail.indexOf('\r\n\r\n');
  const headers = mail.slice(0, end).split(/\r\n(?![ \t])/);
  const signature = headers.find((line) => /^dkim-signature:/i.test(line));
  if (signature === undefined) return null;
  const tags = new Map(
    unfold(signature.slice(signature.indexOf(':') + 1))
      .split(';')
      .map((tag) => [tag.slice(0, tag.indexOf('=')).trim(), tag.slice(tag.indexOf('=') + 1).trim()] as const),
  );
  const fields = tags
    .get('h')!
    .split(':')
    .map((name) => name.trim().toLowerCase());
  const signed = fields.map((name) => relaxedField(headers.findLast((line) => nameOf(line) === name)!));
  // The signature covers itself, with an empty b= and without a line end.
  const itself = relaxedField(signature.replace(/\bb=[^;]*$/, 'b='));
  const verifier = createVerify('RSA-SHA256').update([...signed, itself].join('\r\n'));
  return {
    domain: tags.get('d')!,
    selector: tags.get('s')!,
    fields,
    bodyIsIntact: tags.get('bh') === hashOf(mail.slice(end + 4)),
    fieldsAreIntact: verifier.verify(publicKey, tags.get('b')!.replace(/\s/g, ''), 'base64'),
  };
}

function hashOf(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  return createHash('sha256')
    .update(lines.map((line) => `${line}\r\n`).join(''))
    .digest('base64');
}

function relaxedField(line: string): string {
  const value = unfold(line.slice(line.indexOf(':') + 1))
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${nameOf(line)}:${value}`;
}

const nameOf = (line: string): string => line.slice(0, line.indexOf(':')).trim().toLowerCase();
const unfold = (text: string): string => text.replace(/\r\n/g, '');
