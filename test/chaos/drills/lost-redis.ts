import { until } from '../../support/until.ts';
import type { ChaosSystem } from '../system/chaos-system.ts';
import { untilSettled } from '../system/settle.ts';
import { type Drill, type DrillResult, post } from './drill.ts';

const OPEN = 100_000;
/** What leaves while they are being accepted. */
const SPARE = 10_000;
/** So slow that the backlog remains while Redis dies. */
const SLOW_MS = 1_500;
const NOTICED_WITHIN_MS = 10_000;
const SETTLE_TIMEOUT_MS = 20 * 60_000;

/** Redis is killed and its data deleted while a hundred thousand notifications are open. */
export const lostRedis: Drill = {
  name: `Redis killed and wiped with ${OPEN} open`,
  async play(system, say): Promise<DrillResult> {
    await system.simulator.behave({ provider: 'generic', latency_ms: SLOW_MS });
    const ids = await post(system, 'test', OPEN + SPARE, (n) => ({
      to: { phone: `+1415555${String(n % 10_000).padStart(4, '0')}` },
      channel: 'sms',
      content: { text: `This is message ${n}.` },
      priority: 'bulk',
    }));
    const open = await openNow(system);
    say(`${ids.length} accepted, ${open} open`);
    const before = await system.epoch();
    const { redis } = system.services;
    const letUp = redis.hold();
    const pid = redis.signal('SIGKILL');
    await until('Redis to be dead', () => redis.pid() !== pid);
    system.wipeRedis();
    letUp();
    await redis.isBack(pid);
    const backAt = Date.now();
    await until('the loss to be declared', async () => ![null, before].includes(await system.epoch()), {
      timeoutMs: 60_000,
    });
    const noticedMs = Date.now() - backAt;
    say(`declared after ${noticedMs} ms`);
    await system.simulator.behaveWell('generic');
    const { tookMs, open: left } = await untilSettled(system.sql, SETTLE_TIMEOUT_MS, say);

    const copies = new Map(ids.map((id) => [id, 0]));
    const ledger = await system.simulator.ledger();
    for (const { notificationId: id } of ledger)
      if (id !== null && copies.has(id)) copies.set(id, copies.get(id)! + 1);
    const next = ledger.find(({ at }) => at > backAt);
    const lost = [...copies.values()].filter((count) => count === 0).length;
    const doubled = [...copies.values()].filter((count) => count > 1).length;
    return {
      figures: [
        ['open when Redis died', String(open)],
        ['loss declared, rebuild begun', `${noticedMs} ms after Redis was back`],
        ['next delivery', next ? `${next.at - backAt} ms after Redis was back` : 'none'],
        ['all delivered', `${(tookMs / 1000).toFixed(1)} s later (${Math.round(open / (tookMs / 1000))}/s)`],
        ['lost / doubled', `${lost} / ${doubled}`],
      ],
      broken: [
        ...(open < OPEN ? [`only ${open} were open: nothing is proven`] : []),
        ...(noticedMs > NOTICED_WITHIN_MS ? [`the loss was declared after ${noticedMs} ms`] : []),
        ...(lost > 0 ? [`${lost} lost`] : []),
        ...(doubled > 0 ? [`${doubled} doubled`] : []),
        ...(left > 0 ? [`${left} never settled`] : []),
      ],
    };
  },
};

async function openNow({ sql }: ChaosSystem): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from notifications where state in ('pending', 'queued', 'sending', 'retrying')`;
  return row.count;
}
