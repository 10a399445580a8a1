import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PROBLEMS } from '@carillon/core/text/problem';
import { secureHeaders } from 'hono/secure-headers';
import type { Api } from '../deps.ts';
import { openApiDocument } from './document.ts';

const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** Everything comes from this server: no CDN, no inline script, nothing that stored text could inject. */
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

/** `/openapi.json` for machines, `/docs` for people (works offline), `/docs/problems` for the codes in `type`. */
export function registerDocs(app: Api, baseUrl: () => string): void {
  let document: string | null = null;
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(openApiDocument(app, baseUrl()));
    c.header('Content-Type', 'application/json');
    return c.body(document);
  });

  app.use('/docs', headers);
  app.use('/docs/*', headers);
  app.get('/docs', (c) => c.html(PAGE));
  app.get('/docs/problems', (c) => c.html(problemsPage()));
  for (const [name, [type, text]] of Object.entries(OWN_ASSETS))
    app.get(`/docs/${name}`, (c) => {
      c.header('Content-Type', type);
      return c.body(text);
    });
  const root = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  for (const [name, type] of Object.entries(ASSETS)) {
    app.get(`/docs/${name}`, async (c) => {
      c.header('Content-Type', type);
      c.header('Cache-Control', 'public, max-age=86400');
      return c.body(await readFile(path.join(root, name)));
    });
  }
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Carillon API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/look.css">
<script src="/docs/scheme.js"></script>
</head>
<body>
<main id="api"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** The dark colours of Swagger UI follow the browser. */
const SCHEME = `const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
`;

/** Narrow screens, contrasts and focus, where Swagger UI has no option. */
const LOOK = `
:root { color-scheme: light; }
:root.dark-mode { color-scheme: dark; background: #1c2022; }
body { margin: 0; overflow-wrap: anywhere; }
.swagger-ui :focus-visible { outline: 3px solid #2563eb; outline-offset: 2px; }
.dark-mode .swagger-ui :focus-visible { outline-color: #93c5fd; }
.swagger-ui .opblock-get .opblock-summary-method { background: #1a5fb4; }
.swagger-ui .opblock-post .opblock-summary-method { background: #1b7a44; }
.swagger-ui .opblock-put .opblock-summary-method { background: #8a5000; }
.swagger-ui .opblock-patch .opblock-summary-method { background: #0b6f6a; }
.swagger-ui .opblock-delete .opblock-summary-method { background: #b3261e; }
.swagger-ui .info .title small { background: #4a5059; }
.swagger-ui .info .title small.version-stamp { background: #3d6b00; }
:root:not(.dark-mode) .swagger-ui .btn.authorize { color: #1b7a44; border-color: #1b7a44; }
:root:not(.dark-mode) .swagger-ui .parameter__name.required::after, :root:not(.dark-mode) .swagger-ui .parameter__name.required span { color: #b3261e; }
:root:not(.dark-mode) .swagger-ui :is(.parameter__in, .parameter__type, .parameter__deprecated, .prop-format, .prop-type, .response-col_links) { color: #53575e; }
.swagger-ui :is(.authorization__btn, .copy-to-clipboard button, .expand-operation) { min-width: 24px; min-height: 24px; }
@media (max-width: 640px) {
  .swagger-ui .wrapper { padding: 0 .75rem; }
  .swagger-ui .info { margin: 1.5rem 0; }
  .swagger-ui .scheme-container { padding: .75rem 0; }
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; padding: .4rem; }
  .swagger-ui .opblock-summary-control { flex-wrap: wrap; min-width: 0; }
  .swagger-ui .opblock-summary-path { max-width: none; flex-basis: 100%; padding: .3rem 0; font-size: .85rem; }
  .swagger-ui .opblock-summary-description { flex-basis: 100%; font-size: .85rem; }
  .swagger-ui .opblock-section-header { flex-wrap: wrap; height: auto; gap: .5rem; padding: .5rem .75rem; }
  .swagger-ui .opblock-description-wrapper, .swagger-ui .opblock-body .responses-inner { padding: .75rem; }
  .swagger-ui .table-container { padding: .5rem .75rem; overflow-x: auto; }
  .swagger-ui table.parameters, .swagger-ui table.responses-table { display: block; }
  .swagger-ui .parameters tbody, .swagger-ui .responses-table > tbody { display: block; }
  .swagger-ui .parameters tr, .swagger-ui .responses-table > tbody > tr { display: block; padding-bottom: .75rem; }
  .swagger-ui .parameters thead, .swagger-ui .responses-table > thead { display: none; }
  .swagger-ui .parameters td, .swagger-ui .responses-table > tbody > tr > td { display: block; min-width: 0; padding: .25rem 0; width: auto; }
  .swagger-ui .parameters input, .swagger-ui select, .swagger-ui textarea { max-width: 100%; min-width: 0; }
  .swagger-ui .highlight-code pre, .swagger-ui .microlight { white-space: pre-wrap; }
}
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  filter: true,
  tryItOutEnabled: false,
});
`;

const OWN_ASSETS: Readonly<Record<string, readonly [type: string, text: string]>> = {
  'start.js': ['text/javascript; charset=utf-8', START],
  'scheme.js': ['text/javascript; charset=utf-8', SCHEME],
  'look.css': ['text/css; charset=utf-8', LOOK],
};

function problemsPage(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([code, { status, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Carillon API: problem codes</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 1rem; } table { border-collapse: collapse; width: 100%; } th, td { text-align: start; padding: .4rem .75rem .4rem 0; border-block-end: 1px solid #8888; vertical-align: top; } code { overflow-wrap: anywhere; } tr:target { outline: 3px solid; }</style></head>
<body>
<h1>Problem codes</h1>
<p>Every error answer is <code>application/problem+json</code> (RFC 9457) with one of these codes. They never change their meaning.</p>
<table>
<thead><tr><th>code</th><th>status</th><th>title</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</body>
</html>
`;
}
