import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { DashboardEnv } from './deps.ts';

export const MESSAGE_FRAME_PATH = '/message-frame';

/** What is in the frame is an origin of its own, without scripts, forms, requests and links to here. */
const POLICY = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Larger than any mail that is accepted. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Gives somebody's HTML back to a frame of the page that posted it. A frame made by `srcdoc` or a blob has the policy of
 * the page around it, which forbids the inline styles that every mail consists of; an answer has one of its own.
 */
export function messageFrameRoutes(): Hono<DashboardEnv> {
  const limit = bodyLimit({
    maxSize: MAX_BYTES,
    onError: (c) => c.text('This message is too large to be shown.', 413),
  });
  return new Hono<DashboardEnv>().post(MESSAGE_FRAME_PATH, limit, async (c) => {
    const { html } = await c.req.parseBody();
    const page = `<!doctype html><meta charset="utf-8"><base target="_blank">${typeof html === 'string' ? html : ''}`;
    return c.body(page, 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': POLICY,
      'X-Frame-Options': 'SAMEORIGIN',
    });
  });
}
