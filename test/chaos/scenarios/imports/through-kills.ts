import { freePort } from '@carillon/local/ports';
import type { Cell } from '../../cell/cell.ts';
import type { Child } from '../../cell/child.ts';
import { createRandom } from '../../load/random.ts';
import { startImport } from '../../system/imports.ts';
import { crashDatabase, keepCommits } from '../crash-database.ts';
import type { Scenario } from '../scenario.ts';
import { ENV, isUp } from './apis.ts';

/** More than two parts, of 2,000 and of 20,000 rows. */
const ROWS = 45_000;
const SETTLE_MS = 180_000;

/**
 * A CSV and an NDJSON file are imported while their API is killed twice and PostgreSQL breaks down, and while people
 * are changed, opt out, are suppressed and erased. Held against it: a part and its progress are one commit, and the
 * merge leaves wishes and suppressions as they are.
 *
 * @param scale how many times as many rows.
 */
export const importThroughKills = (scale = 1): Scenario => ({
  name: 'import through kills',
  settleMs: SETTLE_MS,
  ownServers: true,
  async play(cell) {
    await keepCommits(cell);
    const ports = [await freePort(), await freePort()] as const;
    const first = cell.startApi(ports[0], undefined, ENV);
    cell.startApi(ports[1], undefined, ENV);
    const [upload, beside] = await Promise.all(ports.map(isUp));
    const random = createRandom(1);
    const start = (format: 'csv' | 'ndjson', prefix: string) =>
      startImport(cell, {
        format,
        prefix,
        rows: ROWS * scale,
        urls: { upload: upload!, beside: beside! },
        random: random.fork(prefix),
        giveUpAfterMs: SETTLE_MS * scale,
      });
    const csv = await start('csv', 'c');
    const ndjson = await start('ndjson', 'j');
    const patienceMs = SETTLE_MS * scale;
    await csv.reaches(1, patienceMs);
    const second = await replaceKilled(cell, first, ports[0]);
    const begun = ROWS * scale * 0.2;
    await ndjson.reaches(begun, patienceMs);
    const findings = await crashDatabase(cell);
    await csv.reaches(begun, patienceMs);
    await replaceKilled(cell, second, ports[0]);
    for (const each of [csv, ndjson]) await each.ends(patienceMs);
    return { findings: [...findings, ...(await csv.judge()), ...(await ndjson.judge())] };
  },
});

async function replaceKilled(cell: Cell, api: Child, port: number): Promise<Child> {
  api.signal('SIGKILL');
  await api.ended;
  return cell.startApi(port, undefined, ENV);
}
