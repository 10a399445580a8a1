import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { EmailMessage } from '@carillon/core/notification/message';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnsweringSmtp, answeringSmtp } from '../../../../test/contract/answering-smtp.ts';
import { call, EMAIL, MAIL_EXTRAS, RSA_KEY } from '../../../../test/contract/credentials.ts';
import { verifyDkim } from '../../../../test/contract/verify-dkim.ts';
import { dkimSigner } from './dkim.ts';
import { type SmtpOptions, smtpAdapter } from './send.ts';

const DKIM = { domainName: 'acme.example', keySelector: 's1', privateKey: RSA_KEY };
const PUBLIC = createPublicKey(RSA_KEY);
/** Line ends, dots and blanks wherever a mail server might change them. */
const TEXT = 'Hi \t there  \n.\n..two\r\n\r\nGrüße,\r\nAcme\n\n\n';
const MAIL = { ...EMAIL, ...MAIL_EXTRAS, text: TEXT, subject: 'Grüße' } as EmailMessage;

let server: AnsweringSmtp;
const open: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  server = await answeringSmtp();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  await server.close();
});

async function received(message: EmailMessage, options: Partial<SmtpOptions> = {}): Promise<string> {
  const adapter = smtpAdapter({
    host: '127.0.0.1',
    port: server.port,
    from: 'Acme <hello@acme.example>',
    ...options,
  });
  open.push(adapter);
  expect(await adapter.send(message, call())).toMatchObject({ class: 'accepted' });
  // The dot that SMTP adds before a leading dot is not part of the mail.
  return `${server.letters.at(-1)!.text.replace(/^\.\./gm, '.')}\r\n`;
}

test('a signed mail arrives intact, and the signature covers both List headers (RFC 8058)', async () => {
  const finding = verifyDkim(await received(MAIL, { dkim: DKIM }), PUBLIC);
  expect(finding).toMatchObject({
    domain: 'acme.example',
    selector: 's1',
    bodyIsIntact: true,
    fieldsAreIntact: true,
  });
  expect(finding!.fields).toEqual(
    expect.arrayContaining([
      'from',
      'to',
      'subject',
      'date',
      'message-id',
      'auto-submitted',
      'list-unsubscribe',
      'list-unsubscribe-post',
    ]),
  );
});

test('a change of a List header or the text in transit breaks the signature', async () => {
  const mail = await received(MAIL, { dkim: DKIM });
  const elsewhere = mail.replace('https://api.example.com/', 'https://evil.example.com/');
  expect(verifyDkim(elsewhere, PUBLIC)).toMatchObject({ bodyIsIntact: true, fieldsAreIntact: false });
  expect(verifyDkim(mail.replace('One-Click', 'Two-Click'), PUBLIC)).toMatchObject({
    fieldsAreIntact: false,
  });
  expect(verifyDkim(mail.replace('<p>', '<b>'), PUBLIC)).toMatchObject({ bodyIsIntact: false });
});

test('without a key nothing is signed', async () => {
  expect(verifyDkim(await received(MAIL), PUBLIC)).toBeNull();
});

test('headers and files arrive unchanged', async () => {
  const mail = await received(MAIL);
  const [head] = mail.split('\r\n\r\n', 1);
  for (const [name, value] of Object.entries(MAIL_EXTRAS.headers))
    expect(head).toContain(`\r\n${name}: ${value}`);
  for (const { content } of MAIL_EXTRAS.attachments) expect(mail.replace(/\r\n/g, '')).toContain(content);
  expect(mail).toContain('Content-Disposition: attachment; filename=invoice.pdf');
  expect(mail).toContain(`filename*0*=utf-8''Gr%C3%BC%C3%9Fe%3B%20%2242%22.txt`);
  expect(mail).toContain('Content-Type: text/plain; charset=utf-8;');
});

test('a key that cannot sign is refused at the start, not at the first mail', () => {
  const keys = {
    'type ec': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    '512 bits': generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey,
  };
  for (const [what, key] of Object.entries(keys)) {
    const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => dkimSigner({ ...DKIM, privateKey })).toThrow(what);
  }
  expect(() => dkimSigner({ ...DKIM, privateKey: '-----BEGIN PRIVATE KEY-----\nAAAA' })).toThrow();
});
