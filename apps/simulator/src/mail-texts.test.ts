import MailComposer from 'nodemailer/lib/mail-composer';
import { expect, test } from 'vitest';
import { mailTexts } from './mail-texts.ts';

const mail = async (parts: object): Promise<string> =>
  (
    await new MailComposer({ from: 'a@b.example', to: 'c@d.example', subject: 'Hi', ...parts })
      .compile()
      .build()
  ).toString();

const LONG = `Grüße, =41 und ein langer Satz: ${'Ω und äöü '.repeat(30)}.`;

test.each([
  [{ text: LONG }, { text: LONG, html: null }],
  [{ html: `<p>${LONG}</p>` }, { text: null, html: `<p>${LONG}</p>` }],
  [
    { text: LONG, html: `<p>${LONG}</p>` },
    { text: LONG, html: `<p>${LONG}</p>` },
  ],
  [
    {
      text: 'Plain',
      html: '<p>Plain</p>',
      attachments: [{ filename: 'a.txt', content: 'a file', contentType: 'text/plain' }],
    },
    { text: 'Plain', html: '<p>Plain</p>' },
  ],
  [
    { text: '=) '.repeat(5), textEncoding: 'base64' },
    { text: '=) '.repeat(5), html: null },
  ],
])('%j is read as it was written', async (parts, expected) => {
  const read = mailTexts(await mail(parts));
  expect({ text: read.text?.trimEnd() ?? null, html: read.html?.trimEnd() ?? null }).toEqual({
    text: expected.text?.trimEnd() ?? null,
    html: expected.html?.trimEnd() ?? null,
  });
});
