import { CHANNELS } from '@carillon/core/notification/channel';
import type { Lane } from '@carillon/core/notification/lane';
import { laneOf } from '@carillon/core/notification/lane';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { COUNT_LIMIT, type RareCounts } from '@carillon/db/notifications/dashboard-list-notifications';
import { html } from 'hono/html';
import type { LaneCount } from '../queues/lane-counts.ts';
import { label } from './elements.ts';
import type { Html } from './layout.ts';

/** The system status in the header of every page. */
export interface Pulse {
  rare: RareCounts;
  /** Null while Redis is unavailable. */
  lanes: ReadonlyMap<Lane, LaneCount> | null;
}

const TILES = [
  ['dead', 'Dead', 'attempts used up', 'bad'],
  ['in_doubt', 'In doubt', 'outcome unknown', 'doubt'],
  ['retrying', 'Retrying', 'will be tried again', 'wait'],
  ['scheduled', 'Scheduled', 'due later', 'plain'],
] as const;

export function pulseHead({ rare, lanes }: Pulse, open: boolean): Html {
  return html`<section class="pulse ${open ? 'wide' : ''}" aria-label="State of the system">
  <ul class="tiles">${TILES.map(
    ([state, name, hint, tone]) => html`
    <li><a class="tile ${rare[state] > 0 ? tone : 'calm'}" href="${state === 'in_doubt' ? '/doubts' : `/?status=${state}`}">
      <span class="tile-count">${count(rare[state])}</span>
      <span class="tile-name">${name}</span>
      <span class="tile-hint">${hint}</span>
    </a></li>`,
  )}
  </ul>
  ${lanes ? laneTable(lanes, open) : html`<p class="notice bad" role="status">Redis does not answer: queue counts are unknown. Accepted notifications wait safely in PostgreSQL.</p>`}
</section>`;
}

function laneTable(lanes: ReadonlyMap<Lane, LaneCount>, open: boolean): Html {
  const waiting = [...lanes.values()].reduce((sum, lane) => sum + lane.waiting, 0);
  const failed = [...lanes.values()].reduce((sum, lane) => sum + lane.failed, 0);
  return html`<details class="lanes card" ${open ? html`open` : ''}>
    <summary>Lanes <span class="muted">${count(waiting)} waiting, ${count(failed)} failed</span></summary>
    <table>
      <caption class="hidden">Jobs that wait in each lane, and jobs that failed</caption>
      <thead><tr><th scope="col"><span class="hidden">Channel</span></th>${PRIORITIES.map((priority) => html`<th scope="col">${priority}</th>`)}</tr></thead>
      <tbody>${CHANNELS.map(
        (channel) => html`
        <tr><th scope="row">${label(channel)}</th>${PRIORITIES.map((priority) => {
          const lane = laneOf(channel, priority);
          const { waiting, failed } = lanes.get(lane) ?? { waiting: 0, failed: 0 };
          return html`<td><a href="/queues/queue/${lane}" aria-label="${lane}: ${waiting} waiting, ${failed} failed"><span class="${waiting > 0 ? 'some' : 'zero'}">${count(waiting)}</span>${failed > 0 ? html`<span class="failures">${count(failed)} failed</span>` : ''}</a></td>`;
        })}</tr>`,
      )}</tbody>
    </table>
  </details>`;
}

function count(n: number): string {
  return n > COUNT_LIMIT ? `${COUNT_LIMIT.toLocaleString('en')}+` : n.toLocaleString('en');
}
