import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { parseKeyRing, seal } from '@carillon/core/notification/envelope';
import type { Environment } from '@carillon/core/notification/environment';
import type { Sql } from 'postgres';
import type { Cell } from '../cell/cell.ts';

/** A customer's server on this machine. */
export interface Customer {
  url: string;
  /** How many requests came; for one that hangs, how many connections. */
  calls(): number;
  close(): void;
}

/** Settings of the workers of these scenarios in addition to a cell's own. */
export const EVENT_KEYS = `chaos:${Buffer.alloc(32, 7).toString('base64')}`;
export const EVENT_WORKER = {
  WORKER_ROLES: 'deliver:normal,relay:normal,events,maintenance',
  WEBHOOKS_ALLOW_PRIVATE: 'true',
  ENCRYPTION_KEYS: EVENT_KEYS,
};

/** Answers 200 after so long. */
export function answering(afterMs: number): Promise<Customer> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    request.resume().on('end', () => setTimeout(() => response.end(), afterMs));
  });
  return listening(server, () => calls);
}

/** Accepts connections and never answers. */
export function hanging(): Promise<Customer> {
  let calls = 0;
  const server = createTcpServer((socket) => {
    calls++;
    socket.on('error', () => {}).resume();
  });
  return listening(server, () => calls);
}

async function listening(server: Server, calls: () => number): Promise<Customer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, calls, close: () => void server.close() };
}

/** Registers an endpoint as the API does, where the API would refuse the address. */
export async function register(
  sql: Sql,
  appId: string,
  url: string,
  environment: Environment = 'live',
): Promise<void> {
  const ring = parseKeyRing(EVENT_KEYS);
  if ('problem' in ring) throw new Error(ring.problem);
  const id = randomUUID();
  const { sealed, dataKey, keyId } = seal(ring, 'whsec_c2VjcmV0', `webhook_endpoints/${id}`);
  await sql`
    insert into webhook_endpoints (id, app_id, environment, url, secret, data_key, key_id)
    values (${id}, ${appId}, ${environment}, ${url}, ${sealed}, ${dataKey}, ${keyId})`;
}

/** Events of an app, as the trigger writes them. */
export async function happen({ sql }: Cell, appId: string, events: number): Promise<void> {
  await sql`
    with made as (
      insert into events (app_id, environment, type, data)
      select ${appId}, 'live', 'notification.sent', '{}' from generate_series(1, ${events})
      returning id
    )
    insert into outbox (kind, lane, ids) select 'event.emitted', 'events', array[id] from made`;
}
