import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Api } from '../deps.ts';

export const INBOX_SCRIPT = '/inbox/carillon-inbox.js';

const FILE = path.join(import.meta.dirname, '../../../../packages/inbox/dist/carillon-inbox.js');

/**
 * The web component of packages/inbox, so that one script tag is all that a page needs. Public: it holds no secret, and
 * pages of any origin load it. Read once, at startup: a page must not fail because an upgrade replaced the file.
 */
export function registerInboxScript(app: Api, file = FILE): void {
  if (!existsSync(file)) {
    app.get(INBOX_SCRIPT, (c) =>
      c.text('The inbox component is not built. Run "npm run build:ui" in the checkout.\n', 503),
    );
    return;
  }
  const plain = new Uint8Array(readFileSync(file));
  const gzip = new Uint8Array(gzipSync(plain));
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  app.get(INBOX_SCRIPT, (c) => {
    const isGzip = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
    const mine = isGzip ? etag.replace(/"$/, '-gzip"') : etag;
    c.header('Content-Type', 'text/javascript; charset=utf-8');
    c.header('Cache-Control', 'public, max-age=300');
    c.header('ETag', mine);
    c.header('Vary', 'Accept-Encoding');
    c.header('Access-Control-Allow-Origin', '*');
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    c.header('X-Content-Type-Options', 'nosniff');
    const known = (c.req.header('if-none-match') ?? '')
      .split(',')
      .map((tag) => tag.trim().replace(/^W\//, ''));
    if (known.includes(mine) || known.includes('*')) return c.body(null, 304);
    if (!isGzip) return c.body(plain);
    c.header('Content-Encoding', 'gzip');
    return c.body(gzip);
  });
}
