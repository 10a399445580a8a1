import { existsSync, lstatSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { layoutOf } from './layout.ts';
import { endLeftovers } from './leftovers.ts';
import { lockHolder } from './lock.ts';
import { dataDir } from './options.ts';

/** `npm run reset`: forgets everything that `npm start` keeps on this machine. Refuses while it runs. */
const { values } = parseArgs({ options: { data: { type: 'string' } } });
const dir = dataDir(values.data);

if (!existsSync(dir)) {
  console.log(`nothing to remove: ${dir} does not exist`);
  process.exit(0);
}
const layout = layoutOf(realpathSync(dir));
// Only what looks like ours: --data with a typing error must not empty somebody's home.
if (!existsSync(layout.secrets) && !existsSync(layout.lock)) {
  console.error(`${dir} is not a data directory of Carillon (it has no secrets.json); nothing was removed`);
  process.exit(1);
}
const holder = lockHolder(layout.lock);
if (holder) {
  console.error(`Carillon is running on ${dir} (pid ${holder.pid}); stop it first, then run reset again`);
  process.exit(1);
}
await endLeftovers(layout.pids);
// Under root the database may live elsewhere, behind a link.
if (lstatSync(layout.postgres, { throwIfNoEntry: false })?.isSymbolicLink() && existsSync(layout.postgres)) {
  rmSync(path.dirname(realpathSync(layout.postgres)), { recursive: true, force: true });
}
rmSync(layout.dir, { recursive: true, force: true });
console.log(`removed ${dir}`);
