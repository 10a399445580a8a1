import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/providers',
    title: 'Provider accounts',
    group: 'Operations',
    scope: 'providers:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/providers/$account',
    title: 'Provider account',
    scope: 'providers:read',
    load: () => import('./account.tsx'),
  },
  {
    path: '/new-provider-account',
    title: 'New provider account',
    scope: 'providers:*',
    load: () => import('./new-account.tsx'),
  },
];
