import MailComposer from 'nodemailer/lib/mail-composer';
import { expect, test } from 'vitest';
import { mailFiles } from './mail-files.ts';

test('the files of an e-mail are found with their names and sizes, and nothing else counts as one', async () => {
  const files = [
    { filename: 'a.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF') },
    {
      filename: 'Größe, "sehr" groß.txt',
      contentType: 'text/plain; charset=utf-8',
      content: Buffer.alloc(3_000, 'x'),
    },
  ];
  const mail = new MailComposer({
    from: 'a@acme.example',
    to: 'b@acme.example',
    text: 'Content-Disposition: attachment; filename=no.txt',
    html: '<p>Hi</p>',
    attachments: files,
  });
  expect(mailFiles((await mail.compile().build()).toString())).toEqual([
    { filename: 'a.pdf', content_type: 'application/pdf', bytes: 4 },
    { filename: 'Größe, "sehr" groß.txt', content_type: 'text/plain', bytes: 3_000 },
  ]);
  expect(mailFiles('Subject: none\r\n\r\nHi')).toEqual([]);
});
