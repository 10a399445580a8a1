import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/categories',
    title: 'Categories',
    group: 'Content',
    scope: 'categories:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/categories/$name',
    title: 'Category',
    scope: 'categories:read',
    load: () => import('./category.tsx'),
  },
];
