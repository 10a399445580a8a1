import { existsSync, lstatSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { layoutOf } from './layout.ts';
import { lockHolder } from './lock.ts';
import { dataDir } from './options.ts';
import { endOrphanedProcesses } from './orphaned-processes.ts';

/** `npm run reset`: deletes everything that `npm start` stores on this machine. Refuses while it runs. */
const { values } = parseArgs({ options: { data: { type: 'string' } } });
const dir = dataDir(values.data);

if (!existsSync(dir)) {
  console.log(`nothing to remove: ${dir} does not exist`);
  process.exit(0);
}
const layout = layoutOf(realpathSync(dir));
// Only a Carillon data directory: --data with a typing error must not empty a home directory.
if (!existsSync(layout.secrets) && !existsSync(layout.lock)) {
  console.error(`${dir} is not a data directory of Carillon (it has no secrets.json); nothing was removed`);
  process.exit(1);
}
const holder = lockHolder(layout.lock);
if (holder) {
  console.error(`Carillon is running on ${dir} (pid ${holder.pid}); stop it first, then run reset again`);
  process.exit(1);
}
await endOrphanedProcesses(layout.pids);
// Under root the database may be elsewhere, behind a link.
if (lstatSync(layout.postgres, { throwIfNoEntry: false })?.isSymbolicLink() && existsSync(layout.postgres)) {
  rmSync(path.dirname(realpathSync(layout.postgres)), { recursive: true, force: true });
}
rmSync(layout.dir, { recursive: true, force: true });
console.log(`removed ${dir}`);
