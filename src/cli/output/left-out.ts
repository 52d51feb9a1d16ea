import type { LeftOut, LeftOutReason } from '../../services/gallery/import/left-out.js';
import { count } from './format.js';

const WORDS: Readonly<Record<LeftOutReason, (items: number) => string>> = {
  HIDDEN: (items) => `${items} hidden`,
  SYSTEM_FOLDER: (items) =>
    count(items, 'folder of a system or another program', 'folders of systems or other programs'),
  OWN_FOLDER: (items) => count(items, 'folder of Likeness itself', 'folders of Likeness itself'),
  EXCLUDED: (items) => `${items} excluded`,
  LINK: (items) => count(items, 'link'),
  SPECIAL_FILE: (items) => count(items, 'special file'),
  NOT_A_PICTURE: (items) => `${items} not named as pictures`,
};

/** `left out: 3 hidden, 1 link`; '' when nothing was. */
export function describeLeftOut(leftOut: LeftOut): string {
  if (leftOut.length === 0) return '';
  return `left out: ${leftOut.map(({ reason, count: items }) => WORDS[reason](items)).join(', ')}`;
}
