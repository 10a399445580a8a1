import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

/** Builds dist/: ES modules, CommonJS for require() in dist/cjs, and the command line. Run in packages/client. */
rmSync('dist', { recursive: true, force: true });
for (const project of ['tsconfig.build.json', 'tsconfig.cjs.json', 'tsconfig.cli.json']) {
  execFileSync('tsc', ['-p', project], { stdio: 'inherit', shell: process.platform === 'win32' });
}
// Below it, .js files and their types are CommonJS.
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
