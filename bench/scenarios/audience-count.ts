import type { ResolvedFilter } from '@carillon/core/audience/matches';
import {
  type CountedAudience,
  countExactly,
  countReachable,
  estimateAudience,
} from '@carillon/db/audiences/count-audience';
import { openDatabase } from '@carillon/db/connection/client';
import { openSetStatements } from '@carillon/db/connection/set-statements';
import { migrate } from '@carillon/db/migrate';
import { median } from '../measure/percentiles.ts';
import { AUDIENCE_APP, fillRecipients } from './audience-rows.ts';
import type { Run } from './run.ts';

const TURNS = 5;
const THREE: ResolvedFilter = {
  all: [
    { field: 'attributes.plan', op: 'eq', value: 'pro' },
    { field: 'attributes.age', op: 'gte', value: 30 },
    { field: 'attributes.city', op: 'in', value: ['Berlin', 'Osaka'] },
  ],
};
const AUDIENCE: CountedAudience = {
  tenant: { appId: AUDIENCE_APP, environment: 'live' },
  filter: THREE,
  ruleOf: () => ({ defaultOn: true, locked: false }),
};

/**
 * How long the count of an audience by three conditions takes over many recipients, in a database of its own: by the
 * statement that the filter compiles to, and beside it, in turn, by one written by hand for exactly these conditions.
 */
export async function audienceCount({ ground, figures, say }: Run, count: number): Promise<void> {
  const url = await ground.database('audiences');
  await migrate(url);
  const db = openDatabase({
    url,
    name: 'bench',
    connections: 2,
    statementTimeoutMs: 1_800_000,
    silenceMs: 1_900_000,
  });
  const sets = openSetStatements({ url, name: 'bench' });
  try {
    await fillRecipients(db.sql, count);
    const byHand = () => sets.sql`
      select count(*) from recipients
      where app_id = ${AUDIENCE_APP} and environment = 'live' and attributes ->> 'plan' = 'pro'
        and (attributes ->> 'age')::int >= 30 and attributes ->> 'city' in ('Berlin', 'Osaka')`;
    const measured: Readonly<Record<string, () => Promise<unknown>>> = {
      'audience exact': () => countExactly(sets.sql, AUDIENCE),
      'audience channels': () => countReachable(sets.sql, AUDIENCE),
      'audience estimate': () => estimateAudience(db.sql, AUDIENCE),
    };
    const times = new Map<string, number[]>();
    const measure = async (name: string, act: () => Promise<unknown>): Promise<void> => {
      const at = performance.now();
      await act();
      times.set(name, [...(times.get(name) ?? []), performance.now() - at]);
    };
    for (let turn = 0; turn < TURNS; turn++) {
      await measure('by hand', byHand);
      for (const [name, act] of Object.entries(measured)) await measure(name, act);
    }
    for (const name of Object.keys(measured)) figures.add(name, 'carillon', median(times.get(name)!));
    figures.add('audience exact', 'control', median(times.get('by hand')!));
    for (const [name, each] of times) say(`${name}: ${median(each).toFixed(0)} ms over ${count} recipients`);
  } finally {
    await sets.close();
    await db.close();
  }
}
