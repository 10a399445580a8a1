#!/usr/bin/env node
// The package contains dist/; a checkout contains the source, which Node 24 runs directly.
import { existsSync } from 'node:fs';

const source = new URL('../src/cli/main.ts', import.meta.url);
if (!existsSync(source)) await import('../dist/cli/main.js');
else if (process.features.typescript) await import(source.href);
else {
  console.error(
    `In a checkout this needs Node 24, this is ${process.versions.node}. "npx carillon" uses the one that "npm install" brought along.`,
  );
  process.exitCode = 2;
}
