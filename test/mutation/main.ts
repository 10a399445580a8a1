import { parseArgs } from 'node:util';
import { type Outcome, runMutations } from './run-mutations.ts';
import { changeOf, drawn, mutantsOfCore } from './sample.ts';

/**
 * `npm run mutate`: changes packages/core in small ways and looks whether its unit tests notice. Part of the long suite,
 * not of `npm test`.
 */
const USAGE = `npm run mutate -- [--seed N] [--count N | --all | --only FILE:LINE...] [--path TEXT] [--minutes N] [--jobs N]
  --seed     draws the sample (default: by the clock; it is printed)
  --count    size of the sample (default 150)
  --all      every mutant instead of a sample
  --only     every mutant of this line; the file is the end of a path; may be repeated
  --path     only files whose path contains this
  --minutes  begins no more mutants after this (default 20)
  --jobs     mutants side by side (default 2)`;
/** Of the mutants that can be noticed. */
const WANTED = 0.9;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    count: { type: 'string', default: '150' },
    all: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    path: { type: 'string', default: '' },
    minutes: { type: 'string', default: '20' },
    jobs: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const count = Number(values.count);
const minutes = Number(values.minutes);
const jobs = Number(values.jobs);
if (
  values.help ||
  ![seed, count, minutes, jobs].every((each) => Number.isFinite(each) && each >= 0) ||
  jobs < 1
) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 1);
}

const candidates = mutantsOfCore().filter(
  ({ file, line }) =>
    file.includes(values.path) &&
    (values.only.length === 0 || values.only.some((place) => `${file}:${line}`.endsWith(`/${place}`))),
);
const isWhole = values.all || values.only.length > 0;
const sample = isWhole ? candidates : drawn(candidates, count, seed);
console.log(`${sample.length} of ${candidates.length} mutants${isWhole ? '' : `, seed ${seed}`}`);

const outcomes = await runMutations(sample, {
  jobs,
  untilMs: performance.now() + minutes * 60_000,
  say: ({ mutant, result, ...rest }) => {
    const place = `${mutant.file}:${mutant.line}`;
    const reason = 'by' in rest ? ` | ${rest.by}` : '';
    console.log(`${result.padEnd(10)} ${place} ${changeOf(mutant)} in \`${mutant.text}\`${reason}`);
  },
});

const of = (result: Outcome['result']): Outcome[] => outcomes.filter((each) => each.result === result);
const survived = of('survived');
console.log(`\n${survived.length} survived:`);
for (const { mutant } of survived)
  console.log(`  ${mutant.file}:${mutant.line} ${changeOf(mutant)} in \`${mutant.text}\``);
const noticeable = of('caught').length + survived.length;
const share = noticeable === 0 ? 1 : of('caught').length / noticeable;
console.log(
  `\ncaught ${of('caught').length}, survived ${survived.length}, equivalent ${of('equivalent').length}, not run ${of('not run').length}, left out ${sample.length - outcomes.length}: ${(share * 100).toFixed(1)} % of ${noticeable} that can be noticed`,
);
process.exitCode = share >= WANTED ? 0 : 1;
