import { writeFileSync } from 'node:fs';
import { type GroundServers, prepareGround } from '../cell/ground.ts';
import { playScenario, scenarioNamed } from './scenarios.ts';

/**
 * Plays one scenario with the code of the tree this file lies in: `node test/chaos/scenarios/main.ts NAME SERVERS OUT`.
 * SERVERS is the JSON of the servers to use; the findings go to the file OUT as JSON.
 */
const [, , name = '', servers = '{}', out = ''] = process.argv;
const ground = await prepareGround(JSON.parse(servers) as GroundServers);
try {
  writeFileSync(out, JSON.stringify(await playScenario(ground, scenarioNamed(name))));
} finally {
  await ground.stop();
}
process.exit(0);
