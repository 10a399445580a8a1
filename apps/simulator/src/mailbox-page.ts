import type { Exchange } from './exchange.ts';
import type { KeptMail, Mailbox } from './mailbox.ts';
import { text } from './page.ts';
import { STYLE } from './page-style.ts';

const LETTER_STYLE = `${STYLE}
iframe { width: 100%; height: 32rem; border: 1px solid; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }`;

/**
 * The frame inherits this policy. An e-mail here is the developer's own: its images load and its links open in a new
 * tab, so that they can be checked; scripts and forms are blocked.
 */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data: http: https:',
  "form-action 'none'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** GET /letter?attempt_id= or ?notification_id=: one e-mail as received. */
export function showMail(mailbox: Mailbox, exchange: Exchange): void {
  const attempt = exchange.query.get('attempt_id');
  const [mail] = mailbox
    .find(exchange.query.get('notification_id'))
    .filter(({ attempt_id: id }) => attempt === null || id === attempt);
  const known = attempt !== null || exchange.query.has('notification_id');
  if (mail && known) {
    send(exchange, 200, mail.subject ?? 'E-mail', mailHtml(mail));
    return;
  }
  const why = 'The newest 200 e-mails since the start of the simulator are kept, and this is none of them.';
  send(exchange, 404, 'No such e-mail', `<p>${why}</p>`);
}

function mailHtml({
  provider,
  to,
  subject,
  attempt_id: attempt,
  headers,
  attachments,
  html,
  text: plain,
}: KeptMail): string {
  const facts: [string, string][] = [
    ['To', to],
    ['Subject', subject ?? ''],
    ['Provider', provider],
    ['Attempt', attempt ?? ''],
    ...Object.entries(headers),
    ...attachments.map((file): [string, string] => [
      'Attachment',
      `${file.filename}, ${file.content_type}, ${file.bytes} bytes`,
    ]),
  ];
  return `<section><h2>Headers</h2><div class="scroll"><table><tbody>
${facts.map(([name, value]) => `<tr><th scope="row">${text(name)}</th><td class="id">${linked(value)}</td></tr>`).join('\n')}
</tbody></table></div></section>
${html === null ? '' : `<section><h2>HTML</h2><iframe title="HTML of the e-mail" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${text(`<!doctype html><base target="_blank">${html}`)}"></iframe></section>`}
${plain === null ? '' : `<section><h2>Text</h2><pre id="text">${linked(plain)}</pre></section>`}`;
}

/** Makes links of a text or header clickable, for example to test unsubscribing. */
function linked(value: string): string {
  let made = '';
  let done = 0;
  for (const match of value.matchAll(/https?:\/\/[^\s<>"']+/g)) {
    made += `${text(value.slice(done, match.index))}<a href="${text(match[0])}" target="_blank" rel="noreferrer">${text(match[0])}</a>`;
    done = match.index + match[0].length;
  }
  return made + text(value.slice(done));
}

function send(exchange: Exchange, status: number, title: string, body: string): void {
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<link rel="icon" href="data:,">
<style>${LETTER_STYLE}</style>
</head>
<body><header><h1>${text(title)}</h1><p><a href="/">Provider simulator</a></p></header><main>${body}</main></body>
</html>
`;
  exchange.send(status, 'text/html; charset=utf-8', page, {
    'content-security-policy': POLICY,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
}
