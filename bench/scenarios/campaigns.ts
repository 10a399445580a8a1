import type { CarillonSystem } from '../system.ts';
import { cancelToSilence, criticalBeside, drain, pauseToEmptyLane } from './campaign-drain.ts';
import { removeRows, storePeople, storeTemplate } from './campaign-rows.ts';
import { endToEnd } from './end-to-end.ts';
import { BULK_MAIL, type Run } from './run.ts';

export interface CampaignCounts {
  /** Messages of the campaign that is drained, and of the batch beside it. */
  drain: number;
  batch: number;
  /** Recipients of the campaign that drains beside critical messages. */
  people: number;
  criticalSeconds: number;
}

/**
 * A campaign on its way to the provider: its drain beside the same number of messages in batches by the API; how long a
 * cancel takes to be silent, and a pause to leave the lane; and critical messages without one and beside it.
 */
export async function campaigns(run: Run, carillon: CarillonSystem, counts: CampaignCounts): Promise<void> {
  const { figures } = run;
  const template = await storeTemplate(carillon);
  await storePeople(carillon, Math.max(counts.people, counts.drain));
  try {
    const batch = await endToEnd(run, carillon, {
      name: 'campaign batch',
      message: BULK_MAIL,
      batch: counts.batch,
      connections: 4,
      count: counts.drain,
    });
    await carillon.clear();
    const rate = await drain(run, carillon, template, counts.drain);
    figures.add('campaign drain', 'carillon', rate);
    figures.add('campaign drain ratio', 'carillon', rate / batch.perSecond);
    await carillon.clear();
    figures.add('campaign cancel', 'carillon', await cancelToSilence(run, carillon, template, counts.drain));
    await carillon.clear();
    figures.add('campaign pause', 'carillon', await pauseToEmptyLane(run, carillon, template, counts.drain));
    await carillon.clear();
    await criticalBeside(run, carillon, template, { count: counts.people, seconds: counts.criticalSeconds });
  } finally {
    await carillon.clear();
    await removeRows(carillon);
  }
}
