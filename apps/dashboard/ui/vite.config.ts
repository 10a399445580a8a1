import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npm run build:ui` writes `dist`, which the dashboard's server reads at its start. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: {
    alias: {
      '@carillon/client': path.join(import.meta.dirname, '../../../packages/client/src'),
      '@carillon/core': path.join(import.meta.dirname, '../../../packages/core/src'),
    },
    extensions: ['.tsx', '.ts', '.mjs', '.js', '.json'],
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The strict content security policy allows neither data: scripts nor inline ones.
    assetsInlineLimit: 0,
    // These know light-dark(); what it is replaced by for older ones does not follow the scheme of the page.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_500,
  },
});
