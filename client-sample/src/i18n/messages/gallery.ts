import type { Translation } from '../translation';

export const en = {
  title: 'Gallery',
} as const;

export const zh: Translation<typeof en> = {
  title: '图库',
};
