import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';
import type { MessageSpec } from '../load/job.ts';
import { runLoad } from '../load/run-load.ts';
import type { Ledger } from '../measure/ledger.ts';
import { type CarillonSystem, LEANEST } from '../system.ts';
import { endToEnd } from './end-to-end.ts';
import { loadJob, type Run } from './run.ts';

/** Which messages go through which account of simulator-accounts.ts. */
const ADAPTERS: Readonly<Record<string, MessageSpec['to']>> = {
  'generic-email': 'email',
  resend: 'email',
  smtp: 'email',
  twilio: 'phone',
  fcm: 'fcm',
  'web-push': 'web_push',
  inbox: 'recipient',
};
const WARM_UP = 200;
const TIMEOUT_MS = 60_000;
const QUIET_MS = 10_000;

/** The same batched way end to end through each provider's adapter, one after the other. */
export async function adapters(run: Run, carillon: CarillonSystem, count: number): Promise<void> {
  for (const [account, to] of Object.entries(ADAPTERS)) {
    await carillon.useAccounts(account);
    const message: MessageSpec = { to, priority: 'bulk', pushPort: run.ground.ports.simulatorTls };
    const ledger = account === 'inbox' ? inboxLedger(carillon.sql) : run.ground.ledger;
    await carillon.clear();
    const mark = await ledger.mark();
    const warm = loadJob(carillon, message, { kind: 'closed', count: WARM_UP, batch: 100, connections: 2 });
    await runLoad(warm, TIMEOUT_MS);
    await ledger.waitFor(mark, WARM_UP, QUIET_MS);
    await endToEnd(run, carillon, {
      name: `adapter ${account}`,
      message,
      batch: 500,
      connections: 4,
      count,
      ledger,
    });
  }
  await carillon.useAccounts(LEANEST);
}

/** In-app messages end in a table of the database: no provider sees them. Counted from an empty table. */
function inboxLedger(sql: Sql): Ledger {
  const count = async () =>
    (await sql<[{ count: number }]>`select count(*)::int as count from inbox_messages`)[0].count;
  return {
    mark: count,
    async waitFor(mark, wanted, quietMs) {
      let seen = 0;
      let movedAt = performance.now();
      for (;;) {
        const now = (await count()) - mark;
        if (now > seen) movedAt = performance.now();
        seen = now;
        if (seen >= wanted || performance.now() - movedAt > quietMs) return seen;
        await pause(20);
      }
    },
    async arrivals() {
      const rows = await sql<{ id: string; at: Date }[]>`
        select notification_id as id, created_at as at from inbox_messages`;
      return rows.map(({ id, at }) => ({ id, atMs: at.getTime() }));
    },
  };
}
