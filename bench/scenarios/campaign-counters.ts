import { randomUUID } from 'node:crypto';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { recordAccepted } from '@carillon/db/attempts/record-accepted';
import { openDatabase } from '@carillon/db/connection/client';
import { foldCounts } from '@carillon/db/origins/fold-counts';
import { storeOrigin } from '@carillon/db/origins/origins';
import { stopOrigin } from '@carillon/db/origins/stops';
import { threadCpuUs } from '../measure/cpu.ts';
import { median } from '../measure/percentiles.ts';
import type { CarillonSystem } from '../system.ts';
import type { Run } from './run.ts';

/** Of a claim and a record, as of the worker of a backlog. */
const GROUP = 100;
/** Engines, caches and new pages of the tables make the first ones slower. */
const WARM_UP = 10;
const FOLD_EVERY = 10;

type Kind = 'plain' | 'origin' | 'stop';
const KINDS: readonly Kind[] = ['plain', 'origin', 'stop'];

/**
 * What origins cost the statements that every message passes: claim and record of groups of a hundred, of no origin
 * (`plain`), of one with its counts (`origin`), and of one while another origin is stopped (`stop`), in alternation. In processor time of the backend.
 */
export async function campaignCounters(run: Run, carillon: CarillonSystem, turns: number): Promise<void> {
  const { figures, say } = run;
  const db = openDatabase({ url: carillon.databaseUrl, name: 'bench counters', connections: 1 });
  try {
    const [backend] = await db.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const cpuUs = (): number | null => threadCpuUs(backend!.pid);
    if (cpuUs() === null) return;
    const timed = async <T>(act: () => Promise<T>): Promise<{ us: number; result: T }> => {
      const before = cpuUs()!;
      const result = await act();
      return { us: cpuUs()! - before, result };
    };
    const [app] = await db.sql<{ id: string }[]>`select id from apps order by created_at limit 1`;
    const [origin, stopped] = [randomUUID(), randomUUID()];
    for (const id of [origin, stopped])
      await storeOrigin(db.sql, {
        id,
        appId: app!.id,
        environment: 'live',
        category: null,
        data: {},
        events: 'problems',
      });
    const samples = new Map<string, number[]>();
    const add = (name: string, us: number) => samples.set(name, [...(samples.get(name) ?? []), us]);
    for (let turn = -WARM_UP; turn < turns; turn++) {
      const shift = Math.abs(turn) % KINDS.length;
      for (const kind of [...KINDS.slice(shift), ...KINDS.slice(0, shift)]) {
        if (kind === 'stop') await stopOrigin(db.sql, stopped, 'cancelled');
        const { claimUs, recordUs } = await group(db.sql, app!.id, kind === 'plain' ? null : origin, timed);
        if (kind === 'stop') await db.sql`delete from stops where origin_id = ${stopped}`;
        if (turn < 0) continue;
        add(`${kind} claim`, claimUs);
        add(`${kind} record`, recordUs);
      }
      if (turn % FOLD_EVERY !== 0) continue;
      const fold = await timed(() => foldCounts(db.sql));
      if (turn >= 0) add('fold', fold.us);
    }
    const of = (name: string) => median(samples.get(name)!);
    const plain = of('plain claim') + of('plain record');
    // Two kinds have an origin, so each fold is of so many groups.
    const fold = of('fold') / (2 * FOLD_EVERY);
    figures.add('counters plain', 'carillon', plain / GROUP);
    figures.add('counters origin', 'carillon', (of('origin claim') + of('origin record') + fold) / GROUP);
    figures.add('counters ratio', 'carillon', (of('origin claim') + of('origin record') + fold) / plain);
    figures.add('counters claim', 'carillon', of('origin claim') / of('plain claim'));
    figures.add('counters stop', 'carillon', of('stop claim') / of('origin claim'));
    say(
      `carillon: ${[...samples.keys()].map((name) => `${name} ${(of(name) / 1000).toFixed(2)} ms`).join(', ')}; groups of ${GROUP}, medians of ${turns}`,
    );
  } finally {
    await db.close();
    await carillon.clear();
  }
}

type Sql = ReturnType<typeof openDatabase>['sql'];

type Timed = <T>(act: () => Promise<T>) => Promise<{ us: number; result: T }>;

/** @returns microseconds of the two statements of one group. */
async function group(
  sql: Sql,
  appId: string,
  originId: string | null,
  timed: Timed,
): Promise<{ claimUs: number; recordUs: number }> {
  const rows = await sql<{ id: string }[]>`
    insert into notifications (id, app_id, environment, state, priority, channel, route, address, content,
      idempotency_key, request_hash, origin_id, origin_variant, queued_at)
    select id, ${appId}, 'live', 'queued', 'bulk', 'email', '{email}', '{"email": "a@example.com"}',
      jsonb_build_object('subject', 'Hello', 'text', repeat('A word for you. ', 12)), id::text, sha256(id::text::bytea),
      ${originId}::uuid, ${originId === null ? null : 0}::smallint, now()
    from (select gen_random_uuid() as id from generate_series(1, ${GROUP})) as new
    returning id`;
  const ids = rows.map(({ id }) => id);
  const leaseToken = randomUUID();
  const claimed = await timed(() =>
    claimNotifications(sql, ids, {
      channel: 'email',
      provider: 'generic-email',
      leaseToken,
      leaseMs: 60_000,
    }),
  );
  const endings = claimed.result.map(({ id, attempt_count: n }) => ({
    id,
    n,
    leaseToken,
    state: 'sent' as const,
    outcome: 'accepted' as const,
    phase: 'answered' as const,
    provider: 'generic-email',
    latencyMs: 5,
    providerMessageId: id,
    ...(originId === null ? {} : { ofOrigin: true as const }),
  }));
  const recorded = await timed(() => recordAccepted(sql, endings));
  if (recorded.result.size !== GROUP)
    throw new Error(`of ${GROUP} messages ${recorded.result.size} were recorded`);
  return { claimUs: claimed.us, recordUs: recorded.us };
}
