import { useEffect, useEffectEvent } from 'react';
import { isTyping } from '../../lib/is-typing';

interface GalleryKeys {
  readonly selectAll: () => void;
  readonly escape: () => void;
}

/** Keys that work wherever the focus is, as long as nothing is being typed and no dialog is open. */
export function useGalleryKeys({ selectAll, escape }: GalleryKeys): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || isTyping(event.target)) return;
    if (event.key === 'Escape') escape();
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      selectAll();
    }
  });
  useEffect(() => {
    // Asked before anything else sees the key: the Escape that closes a dialog would find none at the end of its way.
    let inDialog = false;
    const before = (): void => {
      inDialog = document.querySelector('.modal.show') !== null;
    };
    const after = (event: KeyboardEvent): void => {
      if (!inDialog) onKey(event);
    };
    addEventListener('keydown', before, { capture: true });
    addEventListener('keydown', after);
    return () => {
      removeEventListener('keydown', before, { capture: true });
      removeEventListener('keydown', after);
    };
  }, []);
}
