import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import type { DashboardEnv } from './deps.ts';
import { pagePolicy } from './middleware/security-headers.ts';

const DIST = path.join(import.meta.dirname, '../ui/dist');
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The built pages. Everything is read once, at startup, and kept compressed: a page must not fail because a file was
 * replaced by an upgrade. Every path that names no file is the application, which draws the page of its address.
 */
export function uiRoutes(): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  const index = path.join(DIST, 'index.html');
  if (!existsSync(index)) {
    app.get('*', (c) =>
      c.text('The pages of the dashboard are not built. Run "npm run build:ui" in the checkout.\n', 503),
    );
    return app;
  }
  for (const [name, file] of filesIn(path.join(DIST, 'assets')))
    app.get(`/assets/${name}`, (c) => {
      c.header('Content-Type', TYPES[path.extname(name)] ?? 'application/octet-stream');
      c.header('Cache-Control', FOR_EVER);
      c.header('Vary', 'Accept-Encoding');
      if (!/\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) return c.body(file.plain);
      c.header('Content-Encoding', 'gzip');
      return c.body(file.gzip);
    });
  const page = readFileSync(index, 'utf8');
  app.get('*', (c) => {
    if (path.extname(c.req.path) !== '') return c.notFound();
    const nonce = crypto.randomUUID().replaceAll('-', '');
    c.header('Content-Security-Policy', pagePolicy(nonce));
    return c.html(page.replaceAll('__NONCE__', nonce));
  });
  return app;
}

function filesIn(
  directory: string,
): Map<string, { plain: Uint8Array<ArrayBuffer>; gzip: Uint8Array<ArrayBuffer> }> {
  return new Map(
    readdirSync(directory).map((name) => {
      const plain = readFileSync(path.join(directory, name));
      return [name, { plain: new Uint8Array(plain), gzip: new Uint8Array(gzipSync(plain)) }];
    }),
  );
}
