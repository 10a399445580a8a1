import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Hono } from 'hono';

/** In cascade order; served as one file. */
const STYLES = [
  'colours',
  'base',
  'frame',
  'controls',
  'pulse',
  'tables',
  'notification',
  'settle',
  'content',
  'accounts',
  'login',
  'narrow',
] as const;

/** The stylesheets and the icon. Read once, at startup: a page must not fail because a file was removed later. */
export function assetRoutes(): Hono {
  const read = (...names: string[]): string => readFileSync(path.join(import.meta.dirname, ...names), 'utf8');
  const css = STYLES.map((name) => read('styles', `${name}.css`)).join('\n');
  const board = read('board.css');
  const icon = read('icon.svg');

  const headers = (type: string) => ({ 'Content-Type': type, 'Cache-Control': 'max-age=300' });
  return new Hono()
    .get('/dashboard.css', (c) => c.body(css, 200, headers('text/css; charset=utf-8')))
    .get('/board.css', (c) => c.body(board, 200, headers('text/css; charset=utf-8')))
    .get('/icon.svg', (c) => c.body(icon, 200, headers('image/svg+xml')));
}
