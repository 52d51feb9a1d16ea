import { extname } from 'node:path';

const MAX_LENGTH = 120;

/** Names that Windows forbids for files, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A file name that all systems allow, or `otherwise` if nothing usable remains. */
export function fileNameOf(name: string, otherwise: string): string {
  const clean = name.replace(/[\\/:*?"<>|\p{Cc}\p{Cf}]/gu, '_').replace(/^[.\s]+|[.\s]+$/g, '');
  const short = [...clean].slice(0, MAX_LENGTH).join('').trimEnd();
  return short === '' || DEVICE.test(short) ? otherwise : short;
}

/** What a picture is called as a file: its title, with the ending of another name. */
export function downloadName(
  { id, title }: { readonly id: number; readonly title: string },
  endingOf: string,
): string {
  const ending = extname(endingOf);
  const bare = title.replace(new RegExp(`\\${ending}$`, 'i'), '');
  return `${fileNameOf(bare, `picture-${id}`)}${ending}`;
}

/** As file managers do it: `sea.jpg`, `sea (2).jpg`. Names that differ by case only are one file on some systems. */
export function uniqueName(name: string, taken: Set<string>): string {
  const dot = name.lastIndexOf('.');
  for (let i = 1; ; i++) {
    const tried = i === 1 ? name : `${name.slice(0, dot)} (${i})${name.slice(dot)}`;
    if (taken.has(tried.toLowerCase())) continue;
    taken.add(tried.toLowerCase());
    return tried;
  }
}
