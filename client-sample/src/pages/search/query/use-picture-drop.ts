import { useEffect, useEffectEvent, useState } from 'react';

export interface PictureDrop {
  /** Pictures among the files, and whether they were pasted. */
  readonly onFiles: (files: readonly File[], pasted: boolean) => void;
  /** The address of a picture of this server's gallery: from another window, say. */
  readonly onGalleryImage: (id: string) => void;
  /** The address of a picture elsewhere, or a folder. */
  readonly onRefused: (code: 'NOT_A_FILE' | 'NOT_A_PICTURE') => void;
}

/**
 * What is dropped anywhere on the page, or pasted. The page's own pictures and links, when they are dragged about, are
 * left alone.
 * @returns whether something is being held over the page
 */
export function usePictureDrop(drop: PictureDrop): boolean {
  const [over, setOver] = useState(false);

  const take = useEffectEvent((transfer: DataTransfer, pasted: boolean): boolean => {
    const items = [...transfer.items].filter(({ kind }) => kind === 'file');
    if (items[0]?.webkitGetAsEntry()?.isDirectory === true) {
      drop.onRefused('NOT_A_PICTURE');
      return true;
    }
    const address = (transfer.getData('text/uri-list') || transfer.getData('text/plain')).trim();
    const id = galleryImageAt(address);
    if (id !== null) drop.onGalleryImage(id);
    else if (transfer.files.length > 0) drop.onFiles([...transfer.files], pasted);
    else if (/^https?:\/\/\S+$/.test(address)) drop.onRefused('NOT_A_FILE');
    else return false;
    return true;
  });

  useEffect(() => {
    // Each element entered fires an event, and then the one left: counting them tells when the page is left.
    let depth = 0;
    let own = false;
    const end = (): void => {
      depth = 0;
      setOver(false);
    };
    const takes = (event: DragEvent): event is DragEvent & { dataTransfer: DataTransfer } =>
      !own &&
      event.dataTransfer !== null &&
      ['Files', 'text/uri-list'].some((type) => event.dataTransfer?.types.includes(type));

    const listeners = {
      dragstart: () => {
        own = true;
      },
      dragend: () => {
        own = false;
        end();
      },
      dragenter: (event: DragEvent) => {
        if (!takes(event)) return;
        depth++;
        setOver(true);
      },
      dragleave: (event: DragEvent) => {
        if (takes(event) && --depth <= 0) end();
      },
      dragover: (event: DragEvent) => {
        if (!takes(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      },
      drop: (event: DragEvent) => {
        // The browser would otherwise leave the page for what was dropped.
        if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
        if (takes(event)) {
          event.preventDefault();
          take(event.dataTransfer, false);
        }
        own = false;
        end();
      },
      paste: (event: ClipboardEvent) => {
        if (event.clipboardData === null) return;
        const typing = event.target instanceof Element && event.target.closest('input, textarea') !== null;
        if (typing && event.clipboardData.files.length === 0) return;
        if (take(event.clipboardData, true)) event.preventDefault();
      },
    };
    for (const [name, listener] of Object.entries(listeners))
      addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        removeEventListener(name, listener as EventListener);
    };
  }, []);
  return over;
}

/** The id in the address of a picture of this server, or of a search by it. */
function galleryImageAt(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { origin, pathname, searchParams } = new URL(address);
  if (origin !== location.origin) return null;
  return (
    /^\/media\/(\d+)(?:\/|$)/.exec(pathname)?.[1] ?? (pathname === '/' ? searchParams.get('image') : null)
  );
}
