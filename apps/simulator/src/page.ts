import { createHash } from 'node:crypto';
import { type Behaviour, type Behaviours, MODES } from './behaviour.ts';
import { COMMAND_NUMBERS } from './command.ts';
import type { Exchange } from './exchange.ts';
import { INBOXES } from './inboxes.ts';
import type { Ledger, LedgerLine } from './ledger.ts';
import { SCRIPT } from './page-script.ts';
import { STYLE } from './page-style.ts';
import { PROVIDERS } from './simulated.ts';

/**
 * The page of the simulator: received messages, current behaviour, forms to change it. No build step, no other files.
 */
export interface Stats {
  since: string;
  last_seq: number;
  accepted: Record<string, number>;
  refused: Record<string, number>;
}

const SHOWN = 200;

const POLICY = [
  "default-src 'none'",
  `style-src '${hash(STYLE)}'`,
  `script-src '${hash(SCRIPT)}'`,
  'img-src data:',
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `?provider=` narrows it to one; without it, the latest of all. */
export function showPage(
  ledger: Ledger,
  behaviours: Behaviours,
  stats: Stats,
  exchange: Exchange,
  hasInboxes = false,
): void {
  const wanted = exchange.query.get('provider');
  const provider = PROVIDERS.find((name) => name === wanted) ?? null;
  const lines = (
    provider === null ? PROVIDERS.flatMap((name) => ledger.recent(name)) : ledger.recent(provider)
  )
    .sort((a, b) => b.seq - a.seq)
    .slice(0, SHOWN);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Provider simulator</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body data-provider="${provider ?? ''}" data-seq="${stats.last_seq}" data-shown="${SHOWN}">
<header>
<h1>Provider simulator</h1>
<p>Accepts what Carillon sends and delivers nothing. <span id="live" role="status"></span></p>${hasInboxes ? `\n<p><a href="${INBOXES}">Inboxes</a></p>` : ''}
</header>
<main>
<section aria-label="Received"><nav class="counters">
${counter(null, provider, stats)}
${PROVIDERS.map((name) => counter(name, provider, stats)).join('\n')}
</nav></section>
<section aria-labelledby="behaviour"><h2 id="behaviour">Behaviour</h2>
<div class="panel">
${behaviourTable(behaviours.all())}
${behaviourForm()}
</div></section>
<section aria-labelledby="received"><h2 id="received">Received${provider === null ? '' : ` by ${provider}`}</h2>
<div class="scroll"><table>
<thead><tr><th scope="col" class="number">#</th><th scope="col">Time</th><th scope="col">Provider</th><th scope="col">To</th><th scope="col">Subject</th><th scope="col">Attempt</th></tr></thead>
<tbody id="rows">
${lines.map(row).join('\n')}
</tbody></table>
<p id="empty"${lines.length > 0 ? ' hidden' : ''}>Nothing yet. Messages appear here as they arrive.</p></div></section>
<section aria-labelledby="commands"><h2 id="commands">Commands in the recipient</h2>
<div class="panel"><p>As the local part of an address or the start of a token: <code>bounce@</code>, <code>slow+7@</code>, <code>drop-…</code>. Numbers:</p>
<ul class="commands">${Object.entries(COMMAND_NUMBERS)
    .map(([number, command]) => `<li><code>${number}</code> ${command.replace('_', ' ')}</li>`)
    .join('')}</ul></div></section>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
  exchange.send(200, 'text/html; charset=utf-8', html, {
    'content-security-policy': POLICY,
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
}

function counter(name: string | null, current: string | null, stats: Stats): string {
  const sum = (counts: Record<string, number>) =>
    name === null ? Object.values(counts).reduce((total, n) => total + n, 0) : (counts[name] ?? 0);
  const href = name === null ? '/' : `/?provider=${name}`;
  const here = name === current ? ' aria-current="page"' : '';
  return `<a href="${href}"${here}><b>${name ?? 'all'}</b><strong data-accepted="${name ?? ''}">${sum(stats.accepted)}</strong><small><span data-refused="${name ?? ''}">${sum(stats.refused)}</span> refused</small></a>`;
}

function behaviourTable(behaviours: Behaviour[]): string {
  if (behaviours.length === 0) return '<p>Every provider answers well and at once.</p>';
  const rows = behaviours.map(({ provider, mode, latency_ms, error_rate, status, expires_at }) => {
    const facts = [
      mode === 'ok' ? '' : mode.replaceAll('_', ' '),
      latency_ms > 0 ? `${latency_ms} ms late` : '',
      error_rate > 0 ? `${Math.round(error_rate * 1000) / 10} % errors` : '',
      status === null ? '' : `status ${status}`,
      expires_at === null ? '' : `until ${expires_at.slice(11, 19)} UTC`,
    ].filter((fact) => fact !== '');
    const name = provider === '*' ? 'all providers' : provider;
    return `<tr><th scope="row">${name}</th><td><span class="${mode === 'ok' ? 'note' : 'bad'}">${facts.join(', ') || 'ok'}</span></td><td><form method="post" action="/behaviour"><input type="hidden" name="provider" value="${provider}"><button name="action" value="clear">Clear<span class="hidden"> ${name}</span></button></form></td></tr>`;
  });
  return `<table class="behaviours"><tbody>${rows.join('')}</tbody></table>`;
}

function behaviourForm(): string {
  const options = (values: readonly string[], names: (value: string) => string) =>
    values.map((value) => `<option value="${value}">${names(value)}</option>`).join('');
  return `<form method="post" action="/behaviour" class="set">
<label>Provider <select name="provider">${options(['*', ...PROVIDERS], (value) => (value === '*' ? 'all' : value))}</select></label>
<label>Mode <select name="mode">${options(['outage', ...MODES.filter((mode) => mode !== 'outage')], (value) => value.replaceAll('_', ' '))}</select></label>
<label>Status <input name="status" type="number" min="400" max="599" placeholder="none"></label>
<label>Error rate <input name="error_rate" type="number" min="0" max="1" step="any" placeholder="0"></label>
<label>Latency, ms <input name="latency_ms" type="number" min="0" max="600000" placeholder="0"></label>
<label>For, s <input name="for_seconds" type="number" min="1" max="86400" placeholder="ever"></label>
<button name="action" value="set" class="primary">Set</button>
</form>`;
}

/** The script builds the same row from the same line. */
function row(line: LedgerLine): string {
  const attempt = line.attempt_id ?? line.notification_id ?? line.idempotency_key ?? '';
  return `<tr><td class="number">${line.seq}</td><td><time datetime="${line.at}">${line.at.slice(11, 23)}</time></td><td>${text(line.provider)}</td><td class="to">${text(line.to)}</td><td>${subject(line)}</td><td class="id">${text(attempt)}</td></tr>`;
}

/** E-mails have a link; only the newest are kept. */
function subject({ channel, subject: words, attempt_id: attempt, notification_id: id }: LedgerLine): string {
  const shown = text(words ?? '');
  if (channel !== 'email' || (attempt ?? id) === null) return shown;
  const query =
    attempt === null
      ? `notification_id=${encodeURIComponent(id!)}`
      : `attempt_id=${encodeURIComponent(attempt)}`;
  return `<a href="/letter?${query}">${shown || 'E-mail'}</a>`;
}

export function text(value: string): string {
  return value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function hash(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}
