import { createServer } from 'node:http';
import { exampleConfig } from './config.ts';
import { inboxExample } from './handler.ts';

/**
 * The example alone: CARILLON_URL=http://127.0.0.1:4000 CARILLON_API_KEY=... node packages/inbox/example/serve.ts
 * Its origin, http://127.0.0.1:4020, must be one of the app's `allowed_origins`.
 */
const { apiUrl, apiKey, port } = exampleConfig();
const answer = inboxExample({ apiUrl, apiKey, base: '/inbox' });

createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'GET', url = '/', headers } = request;
  const body = method === 'POST' ? { body: Buffer.concat(chunks) } : {};
  const answered = await answer(new Request(`http://${headers.host}${url}`, { method, ...body }));
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}).listen(port, '127.0.0.1', () => console.log(`the example: http://127.0.0.1:${port}/inbox`));
