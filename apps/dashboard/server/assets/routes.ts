import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Hono } from 'hono';

/** The icon, and the stylesheet that Bull Board gets. Read once, at startup. */
export function iconRoutes(): Hono {
  const read = (name: string): string => readFileSync(path.join(import.meta.dirname, name), 'utf8');
  const board = read('board.css');
  const icon = read('icon.svg');
  const headers = (type: string) => ({ 'Content-Type': type, 'Cache-Control': 'max-age=300' });
  return new Hono()
    .get('/icons/board.css', (c) => c.body(board, 200, headers('text/css; charset=utf-8')))
    .get('/icons/icon.svg', (c) => c.body(icon, 200, headers('image/svg+xml')));
}
