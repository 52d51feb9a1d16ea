import type { Translation } from '../translation';

export const en = {
  title: 'Status',
} as const;

export const zh: Translation<typeof en> = {
  title: '状态',
};
