import { putTemplate } from '@carillon/db/templates/put-template';
import type { Cell } from '../cell/cell.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import type { Finding } from '../judge/rules.ts';
import { columnNamed, type Scenario } from './scenario.ts';

const HEAVY = 40;
const LIGHT = 10;
/** Two loops in each other, within the limits of a field: near a tenth of a second of one thread. */
const TEXT = '{% for i in a %}{% for j in b %}{% assign x = j %}{% endfor %}{% endfor %}done';
const DATA = { a: Array(180).fill(1), b: Array(200).fill(1) };

/**
 * Critical e-mails with heavy templates, and light critical ones accepted directly after them. The light ones must not
 * wait until the others are rendered. Held against it: the budget of the thread that all deliveries share.
 */
export const heavyTemplates: Scenario = {
  name: 'heavy templates beside one-time passwords',
  settleMs: 120_000,
  async play(cell) {
    const column = columnNamed('A (Resend)');
    const { environment, channel } = column;
    const content = { subject: 'Report', text: TEXT };
    const text = { channel, locale: 'en', content, requiredVariables: ['a', 'b'] };
    await putTemplate(cell.sql, { appId: cell.appId, environment }, 'heavy', [text], 'test');
    const heavy = Array.from({ length: HEAVY }, (_, n) => {
      const { body, ...planned } = messageTo(column, { key: `heavy-${n}` });
      const { content: _content, ...rest } = body as Record<string, unknown>;
      return { ...planned, body: { ...rest, template: 'heavy', data: DATA } };
    });
    const light = Array.from({ length: LIGHT }, (_, n) => messageTo(column, { key: `light-${n}` }));
    cell.startWorker();
    await cell.isUp();
    await cell.ask(requestsOf(column, heavy as typeof light, true));
    await cell.ask(requestsOf(column, light, true));
    await cell.settle(120_000);
    return { findings: await heldUp(cell) };
  },
};

/**
 * By shares of the time that all took, so that a slow machine changes nothing: rendered apart, the light ones have left
 * near the beginning; on one thread they wait for most of the heavy ones. (Of the order of leaving little can be read:
 * heavy ones that are claimed together with light ones leave together with them.)
 */
async function heldUp({ sql }: Cell): Promise<Finding[]> {
  const left = await sql<{ isHeavy: boolean; id: string; ms: number }[]>`
    select n.template_id is not null as "isHeavy", n.id,
      extract(epoch from a.finished_at - (select min(created_at) from notifications))::float8 * 1000 as ms
    from notifications n join delivery_attempts a on a.notification_id = n.id
    where a.finished_at is not null
    order by a.finished_at`;
  const lastLight = left.findLast(({ isHeavy }) => !isHeavy);
  if (!lastLight || left.length < HEAVY + LIGHT)
    return [{ rule: 'unproven', id: 'heavy templates', why: `only ${left.length} have left` }];
  const allMs = left.at(-1)!.ms;
  if (lastLight.ms <= allMs / 2) return [];
  const why = `the last of ${LIGHT} light messages left after ${Math.round(lastLight.ms)} ms; it took ${Math.round(allMs)} ms until the ${HEAVY} heavy ones had left, too`;
  return [{ rule: 'held_up', id: lastLight.id, why }];
}
