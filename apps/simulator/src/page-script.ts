/**
 * The page's script: once a second it fetches the ledger's tail and inserts new rows on top; nothing else on the page
 * changes, so there is no flicker. Everything is set as text, never as HTML. Without the script the page is a snapshot.
 */
export const SCRIPT = `
const { provider, shown } = document.body.dataset;
const rows = document.getElementById('rows');
const live = document.getElementById('live');
let seq = Number(document.body.dataset.seq);

function cell(className, text) {
  const td = document.createElement('td');
  if (className) td.className = className;
  td.textContent = text;
  return td;
}

function subject(line) {
  const td = cell('', line.subject ?? '');
  const id = line.attempt_id ?? line.notification_id;
  if (line.channel !== 'email' || id === null) return td;
  const a = document.createElement('a');
  a.href = '/letter?' + new URLSearchParams(line.attempt_id === null ? { notification_id: id } : { attempt_id: id });
  a.textContent = line.subject || 'E-mail';
  td.replaceChildren(a);
  return td;
}

function row(line) {
  const tr = document.createElement('tr');
  tr.className = 'fresh';
  const time = document.createElement('time');
  time.dateTime = line.at;
  time.textContent = line.at.slice(11, 23);
  const at = cell('', '');
  at.append(time);
  tr.append(cell('number', line.seq), at, cell('', line.provider), cell('to', line.to), subject(line),
    cell('id', line.attempt_id ?? line.notification_id ?? line.idempotency_key ?? ''));
  return tr;
}

function count(kind, counts) {
  const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
  for (const element of document.querySelectorAll('[data-' + kind + ']')) {
    element.textContent = element.dataset[kind] === '' ? all : counts[element.dataset[kind]];
  }
}

async function refresh() {
  const stats = await (await fetch('/stats')).json();
  count('accepted', stats.accepted);
  count('refused', stats.refused);
  if (stats.last_seq === seq) return;
  // Lower sequence numbers mean a new ledger: start over.
  if (stats.last_seq < seq) return location.reload();
  const after = Math.max(seq, stats.last_seq - 5 * shown);
  const text = await (await fetch('/ledger?after=' + after + '&limit=' + 5 * shown)).text();
  const lines = text.split('\\n').filter(Boolean).map((line) => JSON.parse(line));
  if (lines.length === 0) return;
  seq = lines.at(-1).seq;
  const fresh = lines.filter((line) => !provider || line.provider === provider).slice(-shown);
  rows.prepend(...fresh.reverse().map(row));
  while (rows.children.length > shown) rows.lastElementChild.remove();
  if (fresh.length > 0) document.getElementById('empty').hidden = true;
}

async function watch() {
  try {
    if (!document.hidden) await refresh();
    live.textContent = 'Live.';
  } catch {
    live.textContent = 'Not reachable now; trying again.';
  }
  setTimeout(watch, 1000);
}
watch();
`;
