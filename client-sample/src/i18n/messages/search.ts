import type { Translation } from '../translation';

export const en = {
  title: 'Search',
} as const;

export const zh: Translation<typeof en> = {
  title: '搜索',
};
