#!/usr/bin/env node
// Node runs the TypeScript source directly; an older version would fail without a clear message.
if (process.features.typescript) await import('../src/main.ts');
else {
  console.error(
    `This needs Node 24, this is ${process.versions.node}. In a checkout "npx carillon-admin" uses the one that "npm install" brought along.`,
  );
  process.exitCode = 2;
}
