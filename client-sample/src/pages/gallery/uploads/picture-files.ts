import { hasPictureEnding } from '../../../lib/picture-formats';

export interface ChosenFiles {
  readonly pictures: readonly File[];
  /** Other files that were among them. */
  readonly others: number;
}

/** Worth sending; what a file really is, the server decides by its content. */
const isPicture = ({ name, type }: File): boolean => hasPictureEnding(name) || type.startsWith('image/');

/** Tells pictures from what else is in a folder; hidden files are passed over in silence. */
export function sortFiles(files: Iterable<File>): ChosenFiles {
  const shown = [...files].filter(({ name }) => !name.startsWith('.') && name !== 'Thumbs.db');
  const pictures = shown.filter(isPicture);
  return { pictures, others: shown.length - pictures.length };
}

/** The files of a drop, those in dropped folders included. To be called while the drop event is handled. */
export function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Both must be asked for before the event is over.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const files = [...transfer.files];
  if (entries.every((entry) => entry === null || entry.isFile)) return Promise.resolve(files);
  return Promise.all(entries.map((entry) => (entry === null ? Promise.resolve([]) : filesOf(entry)))).then(
    (lists) => lists.flat(),
  );
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (isFileEntry(entry)) {
    return new Promise((resolve) => {
      entry.file(
        (file) => resolve([file]),
        () => resolve([]),
      );
    });
  }
  if (!isDirectoryEntry(entry)) return [];
  const reader = entry.createReader();
  const found: File[] = [];
  // A reader gives its entries by the hundred, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (some.length === 0) return found;
    for (const one of some) found.push(...(await filesOf(one)));
  }
}

const isFileEntry = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectoryEntry = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
