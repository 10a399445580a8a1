import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/keys',
    title: 'API keys',
    group: 'Developers',
    scope: 'keys:*',
    load: () => import('./keys.tsx'),
  },
];
