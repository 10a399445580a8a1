import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/layouts',
    title: 'Layouts and partials',
    group: 'Content',
    scope: 'templates:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/layouts/$key',
    title: 'Layout',
    scope: 'templates:read',
    load: () => import('./part-page.tsx').then(({ Layout }) => ({ default: Layout })),
  },
  {
    path: '/partials/$key',
    title: 'Partial',
    scope: 'templates:read',
    load: () => import('./part-page.tsx').then(({ Partial }) => ({ default: Partial })),
  },
];
