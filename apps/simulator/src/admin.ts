import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type FieldError, PROBLEMS, type ProblemCode } from '@carillon/core/text/problem';
import type { Behaviours } from './behaviour.ts';
import { readBehaviour } from './behaviour-request.ts';
import type { Exchange } from './exchange.ts';
import { INBOXES } from './inboxes.ts';
import { showMail } from './mailbox-page.ts';
import { showPage } from './page.ts';
import type { RequestHandler } from './request-handler.ts';
import { PROVIDERS } from './simulated.ts';

/** The simulator's own routes: its ledger, its behaviour, its page. Never affected by a configured behaviour. */
export function answerAdmin(
  handler: RequestHandler,
  behaviours: Behaviours,
  showInboxes?: (exchange: Exchange) => void,
): (exchange: Exchange) => void {
  const since = new Date().toISOString();
  const stats = () => ({
    since,
    last_seq: handler.ledger.lastSeq,
    accepted: Object.fromEntries(PROVIDERS.map((name) => [name, handler.ledger.accepted(name)])),
    refused: Object.fromEntries(PROVIDERS.map((name) => [name, handler.refused.get(name) ?? 0])),
  });

  const routes: Record<string, (exchange: Exchange) => void> = {
    'GET /healthz': (exchange) => exchange.json(200, { status: 'ok' }),
    'GET /ledger': (exchange) => showLedger(handler, exchange),
    'GET /ledger/count': (exchange) => countLedger(handler, exchange),
    'GET /letters': (exchange) =>
      exchange.json(200, { data: handler.mailbox.find(exchange.query.get('notification_id')) }),
    'GET /letter': (exchange) => showMail(handler.mailbox, exchange),
    'GET /stats': (exchange) => exchange.json(200, stats()),
    'GET /behaviour': (exchange) => exchange.json(200, { data: behaviours.all() }),
    'PUT /behaviour': (exchange) => putBehaviour(behaviours, exchange),
    'DELETE /behaviour': (exchange) => deleteBehaviour(behaviours, exchange),
    'POST /behaviour': (exchange) => submitBehaviour(behaviours, exchange),
    'GET /': (exchange) => showPage(handler.ledger, behaviours, stats(), exchange, showInboxes !== undefined),
  };
  return (exchange) => {
    const handle = routes[`${exchange.method} ${exchange.path}`];
    if (handle !== undefined) return handle(exchange);
    if (showInboxes && `${exchange.path}/`.startsWith(`${INBOXES}/`)) return showInboxes(exchange);
    const detail = `Nothing answers ${exchange.method} ${exchange.path}. The simulator itself answers: ${Object.keys(routes).join(', ')}`;
    problem(exchange, 'not_found', detail);
  };
}

function showLedger(handler: RequestHandler, exchange: Exchange) {
  const errors: FieldError[] = [];
  const read = (path: string, min: number, otherwise: number): number => {
    const text = exchange.query.get(path);
    if (text === null) return otherwise;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    const message = `must be a whole number from ${min} on, got ${JSON.stringify(text)}; leave it out for all lines`;
    errors.push({ path, message });
    return otherwise;
  };
  const after = read('after', 0, 0);
  const limit = read('limit', 1, Number.POSITIVE_INFINITY);
  if (errors.length > 0) return invalid(exchange, errors);
  const response = exchange.response as ServerResponse;
  response.writeHead(200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
  });
  // A reader that disconnects ends the pipeline with an error that can be ignored.
  pipeline(Readable.from(handler.ledger.read(after, limit)), response).catch(() => {});
}

function countLedger(handler: RequestHandler, exchange: Exchange) {
  const notificationId = exchange.query.get('notification_id') ?? '';
  if (notificationId === '' || notificationId.length > 200) {
    const message = `must have 1 to 200 characters, got ${notificationId.length}; give the id to count`;
    return invalid(exchange, [{ path: 'notification_id', message }]);
  }
  handler.ledger.count(notificationId).then(
    (count) => exchange.json(200, { notification_id: notificationId, count }),
    (error: Error) => problem(exchange, 'internal', `The ledger could not be read: ${error.message}`),
  );
}

function putBehaviour(behaviours: Behaviours, exchange: Exchange) {
  let body: unknown;
  try {
    body = JSON.parse(exchange.body.toString('utf8'));
  } catch (error) {
    return problem(exchange, 'malformed_json', `The body is not JSON: ${(error as Error).message}`);
  }
  const behaviour = readBehaviour(body, Date.now());
  if (Array.isArray(behaviour)) return invalid(exchange, behaviour);
  behaviours.set(behaviour);
  exchange.json(200, behaviour);
}

function deleteBehaviour(behaviours: Behaviours, exchange: Exchange) {
  const provider = exchange.query.get('provider') ?? undefined;
  if (provider !== undefined && provider !== '*' && !(PROVIDERS as readonly string[]).includes(provider)) {
    const message = `must be one of *, ${PROVIDERS.join(', ')}, got ${JSON.stringify(provider)}; leave it out for all`;
    return invalid(exchange, [{ path: 'provider', message }]);
  }
  behaviours.clear(provider);
  exchange.empty(204);
}

/** The page's forms, which work without its script. Only the page itself may send them. */
function submitBehaviour(behaviours: Behaviours, exchange: Exchange) {
  const origin = exchange.header('origin');
  if (origin !== undefined && origin !== `http://${exchange.host}` && origin !== `https://${exchange.host}`) {
    return problem(exchange, 'forbidden', `This form belongs to the simulator's own page, not to ${origin}.`);
  }
  const form = new URLSearchParams(exchange.body.toString('utf8'));
  if (form.get('action') === 'clear') {
    behaviours.clear(form.get('provider') ?? undefined);
  } else {
    const number = (name: string) => (form.get(name) ? Number(form.get(name)) : null);
    const behaviour = readBehaviour(
      {
        provider: form.get('provider'),
        mode: form.get('mode'),
        latency_ms: number('latency_ms'),
        error_rate: number('error_rate'),
        status: number('status'),
        for_seconds: number('for_seconds'),
      },
      Date.now(),
    );
    if (Array.isArray(behaviour)) return invalid(exchange, behaviour);
    behaviours.set(behaviour);
  }
  exchange.empty(303, { location: '/' });
}

function invalid(exchange: Exchange, errors: FieldError[]): void {
  const detail = errors.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  problem(exchange, 'invalid_request', detail, errors);
}

function problem(exchange: Exchange, code: ProblemCode, detail: string, errors?: FieldError[]): void {
  const { status, title } = PROBLEMS[code];
  const body = { type: 'about:blank', title, status, code, detail, errors };
  exchange.send(status, 'application/problem+json; charset=utf-8', JSON.stringify(body));
}
