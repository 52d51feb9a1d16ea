import type { Translation } from '../translation';

export const en = {
  title: 'History',
} as const;

export const zh: Translation<typeof en> = {
  title: '历史',
};
