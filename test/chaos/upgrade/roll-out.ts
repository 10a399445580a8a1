import { migrate } from '@carillon/db/migrate';
import { freePort } from '@carillon/local/ports';
import { moreMigrations } from '../../support/more-migrations.ts';
import { otlpReceiver } from '../../support/otlp-receiver.ts';
import { until } from '../../support/until.ts';
import { PREVIOUS } from '../../upgrade/previous-release.ts';
import type { Cell } from '../cell/cell.ts';
import type { Child } from '../cell/child.ts';
import type { Finding } from '../judge/rules.ts';
import { startEndlessLoad } from '../load/endless-load.ts';

/** So many messages that an API accepted in a step have to be sent in that step, or the step proves nothing. */
const ENOUGH = 10;
const ROLES = 'deliver,relay,events,maintenance';

type Age = 'old' | 'new';
type Kind = 'api' | 'worker';

export interface RollOut {
  findings: Finding[];
  /** What ran, in order, and how many messages each API accepted of those that were sent meanwhile. */
  steps: string[];
}

/**
 * An upgrade and its reversal under load that never stops: the old processes on the old schema, a migration that fails,
 * the migrations, then every mixture of old and new processes on the way to the new ones and back again.
 *
 * @param cell on the schema of the previous release
 * @param previous the checkout of that release
 */
export async function rollOut(cell: Cell, previous: string): Promise<RollOut> {
  const load = startEndlessLoad(cell, 'upgrade');
  const running = new Map<string, Child>();
  const findings: Finding[] = [];
  const steps: string[] = [];
  const root = { old: previous, new: undefined };
  // With traces, so that rows and jobs of the new release hold all that it can write.
  const collector = await otlpReceiver();
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  const env = { old: {}, new: traced };

  const start = async (age: Age, kind: Kind): Promise<void> => {
    const port = await freePort();
    const name = `${age} ${kind}`;
    running.set(
      name,
      kind === 'api'
        ? cell.startApi(port, undefined, env[age], root[age])
        : cell.startWorker(
            undefined,
            { WORKER_PORT: String(port), WORKER_ROLES: ROLES, ...env[age] },
            root[age],
          ),
    );
    const url = `http://127.0.0.1:${port}`;
    await until(`the ${name} to be ready`, () => fetch(`${url}/readyz`).then(({ ok }) => ok), {
      timeoutMs: 60_000,
      everyMs: 50,
    });
    if (kind === 'api') load.add(name, url);
  };
  /** As an orchestrator does it: no new requests, then SIGTERM; it must end in order. */
  const stop = async (age: Age, kind: Kind): Promise<void> => {
    const name = `${age} ${kind}`;
    if (kind === 'api') load.remove(name);
    const child = running.get(name)!;
    running.delete(name);
    child.signal('SIGTERM');
    const { code, signal } = await child.ended;
    if (code !== 0)
      findings.push({ rule: 'wrong_state', id: name, why: `it ended with ${signal ?? code} at SIGTERM` });
  };
  const flows = async (): Promise<void> => {
    const apis = [...running.keys()].filter((name) => name.endsWith('api'));
    const sent = await load.untilSent(apis, ENOUGH);
    steps.push(`${[...running.keys()].toSorted().join(' + ')}: ${sent.join(' + ')} sent`);
  };

  await Promise.all([start('old', 'worker'), start('old', 'api')]);
  await flows();
  findings.push(...(await failToMigrate(cell)));
  await flows();
  await migrate(cell.databaseUrl);
  await flows();
  // The APIs first: old workers send what a new API accepts.
  await start('new', 'api');
  await flows();
  await stop('old', 'api');
  await flows();
  findings.push(...(await tracedAndSent(cell)));
  await start('new', 'worker');
  await flows();
  await stop('old', 'worker');
  await flows();
  // And back, which is also the way there with the workers first: new workers send what an old API accepts.
  await start('old', 'api');
  await stop('new', 'api');
  await flows();
  await start('old', 'worker');
  await stop('new', 'worker');
  await flows();
  await load.end();
  await collector.close();
  steps.push(`${load.sentToBoth()} keys were sent to an old and a new API at the same moment`);
  if (load.sentToBoth() === 0)
    findings.push({ rule: 'unproven', id: 'keys', why: 'none was sent to two APIs at the same moment' });
  return { findings: [...findings, ...load.findings], steps };
}

/** Nobody but the old worker has sent anything so far. */
async function tracedAndSent({ sql }: Cell): Promise<Finding[]> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from notifications where traceparent is not null and state in ('sent', 'delivered')`;
  if (row.count > 0) return [];
  return [{ rule: 'unproven', id: 'traces', why: 'the old worker has sent nothing that a new API traced' }];
}

/** The migrations of a release of which the first fails halfway: nothing of it may be left, and nobody may notice. */
async function failToMigrate({ databaseUrl, sql }: Cell): Promise<Finding[]> {
  const { folder, remove } = moreMigrations([FAILS], PREVIOUS.lastMigration);
  const error = await migrate(databaseUrl, { folder }).then(
    () => null,
    (thrown: Error) => thrown,
  );
  remove();
  const left = await sql`select from information_schema.columns where column_name = 'half_done'`;
  const findings: Finding[] = [];
  if (!error?.message.includes('leave them running'))
    findings.push({ rule: 'unproven', id: 'failing migration', why: `it said ${error?.message}` });
  if (left.length > 0)
    findings.push({ rule: 'wrong_state', id: 'failing migration', why: 'its column is left' });
  return findings;
}

const FAILS = `alter table notifications add column half_done text;
--> statement-breakpoint
alter table notifications rename column state to condition;
--> statement-breakpoint
select 1 / count(*) from apps where false;`;
