import type { Translation } from '../translation';

export const en = {
  title: 'Atlas',
} as const;

export const zh: Translation<typeof en> = {
  title: '图谱',
};
