import { readFileSync } from 'node:fs';
import path from 'node:path';
import { selfTimes } from './measure/self-time.ts';

/**
 * `node bench/profile.ts FILE.cpuprofile ...`: where a process spent its time, as `npm run bench -- --profile DIR`
 * wrote it. Per profile the functions and the packages that used the most themselves.
 */
const SHOWN = 30;

for (const file of process.argv.slice(2)) {
  const { busyMs, byFunction, byPackage } = selfTimes(JSON.parse(readFileSync(file, 'utf8')));
  console.log(`\n${path.basename(file)}: ${busyMs.toFixed(0)} ms busy`);
  for (const [title, times] of [
    ['by package', byPackage],
    ['by function', byFunction],
  ] as const) {
    console.log(`  ${title}`);
    for (const [name, ms] of times.slice(0, SHOWN)) {
      console.log(
        `    ${((ms / busyMs) * 100).toFixed(1).padStart(5)} %  ${ms.toFixed(0).padStart(6)} ms  ${name}`,
      );
    }
  }
}
