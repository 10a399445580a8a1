/** The page's style sheet. Colours come in pairs, light and dark, by the reader's setting. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d9dde3, #343a44); --soft: light-dark(#5b6472, #9aa4b2);
  --panel: light-dark(#ffffff, #1b1f26); --accent: light-dark(#2456c9, #86a9ff); --bad: light-dark(#b3261e, #ff9d94); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 1.25rem; font: 15px/1.5 system-ui, sans-serif;
  background: light-dark(#f5f6f8, #12151a); color: light-dark(#1a1f27, #e6e9ee); }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
header p, .panel p { margin: .25rem 0; color: var(--soft); }
a { color: var(--accent); }
.counters { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem; margin-top: 1rem; }
.counters a { display: grid; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--panel); color: inherit; text-decoration: none; }
.counters a:hover, .counters a[aria-current] { border-color: var(--accent); }
.counters b { font-weight: 500; color: var(--soft); }
.counters strong { font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.counters small { color: var(--soft); font-variant-numeric: tabular-nums; }
.panel, .scroll { border: 1px solid var(--line); border-radius: .5rem; background: var(--panel); }
.panel { padding: .8rem; }
.scroll { overflow-x: auto; }
.scroll p { padding: .8rem; margin: 0; color: var(--soft); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { font-weight: 500; color: var(--soft); }
.number { text-align: right; }
.number, time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.to { overflow-wrap: anywhere; min-width: 11rem; }
.id { font: 12.5px/1.7 ui-monospace, monospace; white-space: nowrap; color: var(--soft); }
.behaviours { width: auto; margin-bottom: .8rem; }
.behaviours th { font-weight: 500; }
.bad { color: var(--bad); }
.set { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin-top: .6rem; }
label { display: grid; gap: .15rem; font-size: .85rem; color: var(--soft); }
input, select, button { font: inherit; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: .35rem;
  background: light-dark(#fff, #12151a); color: light-dark(#1a1f27, #e6e9ee); }
input { width: 7rem; }
button { cursor: pointer; padding: .3rem .8rem; }
button:hover { border-color: var(--accent); }
.primary { background: light-dark(#2456c9, #2f5fd0); border-color: transparent; color: #fff; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.commands { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .15rem .8rem;
  margin: .5rem 0 0; padding: 0; list-style: none; }
code { font: 13px ui-monospace, monospace; }
.hidden { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
@media (prefers-reduced-motion: no-preference) { .fresh { animation: fresh 1.2s ease-out; } }
@keyframes fresh { from { background: light-dark(#e4edff, #22304d); } }
`;
