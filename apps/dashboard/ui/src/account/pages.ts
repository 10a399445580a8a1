import type { Page } from '../pages.ts';

export const pages: Page[] = [
  { path: '/account', title: 'Your account', load: () => import('./account.tsx') },
];
