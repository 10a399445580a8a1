import type { Page } from '../page.ts';

export const pages: Page[] = [
  { path: '/account', title: 'Your account', load: () => import('./account.tsx') },
];
