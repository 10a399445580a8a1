import { inject, test } from 'vitest';
import { MUTANTS } from './mutants/mutants.ts';
import { renderMutant } from './mutants/render.ts';
import { runMutants } from './mutants/run-mutants.ts';

/** Side by side: most of a scenario is waiting. */
const AT_ONCE = 4;

/** `npm run chaos -- --only mutants` has all of them. */
test('without the claim’s guard or the epoch the suite fails, and for the right reason', async () => {
  const servers = {
    adminDatabaseUrl: inject('adminDatabaseUrl'),
    templateDatabase: inject('templateDatabase'),
    redisUrl: inject('redisUrl'),
  };
  const outcomes = await runMutants(
    servers,
    MUTANTS.filter(({ always }) => always),
    AT_ONCE,
  );
  const wrong = outcomes.filter(({ isRight }) => !isRight);
  if (wrong.length > 0) throw new Error(`\n${wrong.map(renderMutant).join('\n')}`);
});
