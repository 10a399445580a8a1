// Run by "npm install", with any Node version: fetches what "npm start" needs, so that it works offline. A failed fetch
// is reported with the remedy; it never fails the install.
if (process.features.typescript) {
  await buildPages();
  const { findRedis } = await import('./src/redis-binary.ts');
  const { cacheDir } = await import('./src/layout.ts');
  try {
    findRedis(cacheDir, console.log);
  } catch (error) {
    console.error(`"npm start" will not work yet: ${error.message}`);
  }
} else {
  console.error(
    `"npm start" will not work yet: it needs Node 24, this is ${process.versions.node}, and npm has none for ${process.platform}-${process.arch}. Install Node 24 or newer.`,
  );
}

/** The pages of the dashboard, and the inbox. Without the packages that build them (--omit=dev) there is nothing to do. */
async function buildPages() {
  try {
    import.meta.resolve('vite');
  } catch {
    return;
  }
  try {
    const { buildUi } = await import('../dashboard/ui/build.ts');
    if (await buildUi()) console.log('built the pages of the dashboard');
  } catch (error) {
    console.error(`The dashboard will have no pages: ${error.message} Try "npm run build:ui".`);
  }
  try {
    const { buildInbox } = await import('../../packages/inbox/build.ts');
    if (await buildInbox()) console.log('built the inbox');
  } catch (error) {
    console.error(`There will be no inbox component: ${error.message} Try "npm run build:ui".`);
  }
}
