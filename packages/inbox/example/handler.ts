import { readFile } from 'node:fs/promises';
import { examplePage, PAGE_STYLE, type Person, pageScript, policy } from './page.ts';

export interface ExampleOptions {
  apiUrl: string;
  apiKey: string;
  /** The path that it is served under, such as `/inbox`. */
  base: string;
}

const BUNDLE = new URL('../dist/carillon-inbox.js', import.meta.url);
/** A minute, so that one can watch tokens being renewed. */
const TOKEN_SECONDS = 60;

/** The part of a customer's app that the inbox needs: it makes tokens with an API key, which no browser ever sees. */
export function inboxExample({
  apiUrl,
  apiKey,
  base,
}: ExampleOptions): (request: Request) => Promise<Response> {
  const api = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${apiUrl}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`the API answers ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const javascript = (body: string | Buffer<ArrayBuffer>) => send(body, 'text/javascript');

  const routes: Record<string, (request: Request, query: URLSearchParams) => Promise<Response>> = {
    'GET ': async (_, query) => {
      const { data } = (await api('GET', 'recipients?limit=20')) as { data: Person[] };
      const chosen = {
        person: query.get('person') ?? data[0]?.recipient_id ?? '',
        lang: query.get('lang') ?? 'en',
        theme: query.get('theme') ?? 'auto',
      };
      return send(examplePage(apiUrl, base, data, chosen), 'text/html', {
        'content-security-policy': policy(apiUrl),
      });
    },
    'GET /page.js': async () => javascript(pageScript(base)),
    'GET /page.css': async () => send(PAGE_STYLE, 'text/css'),
    'GET /carillon-inbox.js': async () => javascript(await readFile(BUNDLE)),
    // An app knows by its own session who is signed in, and never takes it from the request as this one does.
    'POST /token': async (request) => {
      const { person } = (await request.json()) as { person: string };
      return Response.json(
        await api('POST', `recipients/${encodeURIComponent(person)}/tokens`, { ttl_seconds: TOKEN_SECONDS }),
      );
    },
    'POST /send': async (request) => {
      const { person, title, body, category, url } = (await request.json()) as Record<string, string>;
      return Response.json(
        await api('POST', 'notifications', {
          to: { recipient_id: person },
          channel: 'in_app',
          content: { title, body, ...(url ? { url: new URL(url, request.url).href } : {}) },
          ...(category ? { category } : {}),
        }),
      );
    },
  };

  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const route = routes[`${request.method} ${pathname.slice(base.length).replace(/\/$/, '')}`];
    if (!route) return send('There is no such page.', 'text/plain', {}, 404);
    try {
      return await route(request, searchParams);
    } catch (error) {
      return send((error as Error).message, 'text/plain', {}, 502);
    }
  };
}

const send = (
  body: string | Buffer<ArrayBuffer>,
  type: string,
  headers: Record<string, string> = {},
  status = 200,
): Response =>
  new Response(body, {
    status,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      ...headers,
    },
  });
