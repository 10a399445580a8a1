import { createHash } from 'node:crypto';
import type { StoredTrace } from './trace-store.ts';
import { beginOf, durationOf, type TreeRow, treeOf } from './trace-tree.ts';

/** The pages of the trace viewer: HTML without scripts, so that a span's text can do nothing. */
export const POLICY = `default-src 'none'; style-src '${hash(style())}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src data:`;

const LISTED = 100;

/** @param text what was searched for */
export function listPage(traces: readonly StoredTrace[], text: string): string {
  const rows = traces.slice(0, LISTED).map((trace) => {
    const tree = treeOf(trace);
    const services = [...new Set(trace.spans.map(({ service }) => service))].sort();
    const failed = trace.spans.some((span) => span.failed);
    return `<tr><td><time>${clock(beginOf(trace.spans))}</time></td>
<td><a href="/traces/${encodeURIComponent(trace.id)}">${escaped(tree[0]!.span.name)}</a>${failed ? ' <span class="bad">error</span>' : ''}</td>
<td>${escaped(services.join(', '))}</td><td class="number">${trace.spans.length}</td><td class="number">${ms(durationOf(trace))}</td></tr>`;
  });
  const table =
    rows.length === 0
      ? `<p>${text === '' ? 'No traces yet. Send a notification, and reload.' : `No trace has ${escaped(text)}.`}</p>`
      : `<table><thead><tr><th>Began (UTC)</th><th>Trace</th><th>Programs</th><th class="number">Spans</th><th class="number">Took</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
  return frame(
    'Traces',
    `<form role="search"><label>Notification id, trace id or name <input name="find" value="${escaped(text)}"></label> <button>Find</button></form>
<div class="scroll">${table}</div>`,
  );
}

export function tracePage(trace: StoredTrace): string {
  const tree = treeOf(trace);
  const total = durationOf(trace);
  return frame(
    tree[0]!.span.name,
    `<p><a href="/">All traces</a></p><p class="id">${escaped(trace.id)}, ${trace.spans.length} spans, ${ms(total)}</p>
<div class="scroll"><table><thead><tr><th>Span</th><th>Program</th><th class="number">After</th><th class="number">Took</th><th>Timeline</th></tr></thead>
<tbody>${tree.map((row) => treeRow(row, total)).join('\n')}</tbody></table></div>`,
  );
}

function treeRow({ span, depth, afterMs, tookMs }: TreeRow, total: number): string {
  const details = Object.entries(span.attributes).map(
    ([key, value]) => `<dt>${escaped(key)}</dt><dd>${escaped(value)}</dd>`,
  );
  const links = span.linkedTraces.map(
    (id) => `<dt>link</dt><dd><a href="/traces/${encodeURIComponent(id)}">${escaped(id)}</a></dd>`,
  );
  const part = (value: number): string => ((total > 0 ? value / total : 0) * 100).toFixed(2);
  // Bars as SVG attributes: the policy allows no inline styles.
  const bar = `<svg width="200" height="10" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${ms(afterMs)} to ${ms(afterMs + tookMs)}"><rect x="${part(afterMs)}" y="2" height="6" width="${Math.max(0.5, Number(part(tookMs)))}"/></svg>`;
  return `<tr><td><details><summary><span class="deep">${'│ '.repeat(depth)}</span>${escaped(span.name)} <small>${span.kind}</small>${span.failed ? ' <span class="bad">error</span>' : ''}</summary>
<dl>${[...details, ...links].join('')}</dl></details></td>
<td>${escaped(span.service)}</td><td class="number">${ms(afterMs)}</td><td class="number">${ms(tookMs)}</td><td>${bar}</td></tr>`;
}

function frame(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><link rel="icon" href="data:,"><style>${style()}</style></head>
<body><header><h1>${escaped(title)}</h1></header><main>${body}</main></body></html>`;
}

function style(): string {
  return `:root { color-scheme: light dark; --line: light-dark(#d9dde3, #343a44); --soft: light-dark(#5b6472, #9aa4b2); }
body { margin: 0 auto; max-width: 82rem; padding: 1.25rem; font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0 0 .5rem; } .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; margin-top: .8rem; }
.scroll p { padding: .8rem; margin: 0; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th, small, .deep, dt { color: var(--soft); font-weight: 500; } .number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.id { font: 12.5px/1.7 ui-monospace, monospace; color: var(--soft); } .bad { color: light-dark(#b3261e, #ff9d94); }
summary { cursor: pointer; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .4rem 0 .4rem 1rem; font-size: .85rem; }
dd { margin: 0; overflow-wrap: anywhere; } rect { fill: light-dark(#2456c9, #86a9ff); } input, button { font: inherit; padding: .2rem .5rem; } input { width: 22rem; max-width: 100%; }`;
}

const ms = (value: number): string => (value < 10 ? `${value.toFixed(2)} ms` : `${value.toFixed(0)} ms`);

const clock = (nanos: bigint): string => new Date(Number(nanos / 1_000_000n)).toISOString().slice(11, 23);

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
