import { writeFileSync } from 'node:fs';
import { type GroundServers, prepareGround } from '../cell/ground.ts';
import { playScenario, scenarioNamed } from './scenarios.ts';

/**
 * Plays one scenario with the code of the tree this file lies in: `node test/chaos/scenarios/main.ts NAME SERVERS OUT`.
 * SERVERS is the JSON of the servers to use, unless the scenario needs its own; the findings go to the file OUT as JSON.
 */
const [, , name = '', servers = '{}', out = ''] = process.argv;
const scenario = scenarioNamed(name);
const ground = await prepareGround(scenario.ownServers ? undefined : (JSON.parse(servers) as GroundServers));
try {
  writeFileSync(out, JSON.stringify(await playScenario(ground, scenario)));
} finally {
  await ground.stop();
}
process.exit(0);
