import { FINAL_STATES, STATE_NOTES, STATES, TRANSITIONS } from '@carillon/core/notification/states';

/** The states and their transitions as a Mermaid chart; the reasons are in the table below it. */
export function stateChart(): string {
  const moves = STATES.flatMap((from) => Object.keys(TRANSITIONS[from]).map((to) => `  ${from} --> ${to}`));
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> scheduled : send_at',
    '  [*] --> pending : accepted',
    ...moves,
    ...FINAL_STATES.map((state) => `  class ${state} final`),
    '  classDef final stroke-width:3px',
    '```',
  ].join('\n');
}

/** One row a state: what it means, who moves it on, what happens otherwise, and why it may become what. */
export function stateTable(): string {
  return [
    '| state | means | moved on by | if nobody does |',
    '|---|---|---|---|',
    ...STATES.map((state) => {
      const { means, movedOnBy, otherwise } = STATE_NOTES[state];
      return `| \`${state}\` | ${means} | ${movedOnBy} | ${otherwise} |`;
    }),
    '',
    '| from | to | because |',
    '|---|---|---|',
    ...STATES.flatMap((from) =>
      Object.entries(TRANSITIONS[from]).map(([to, why]) => `| \`${from}\` | \`${to}\` | ${why} |`),
    ),
  ].join('\n');
}
