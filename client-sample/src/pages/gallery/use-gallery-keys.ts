import { useEffect, useEffectEvent } from 'react';

interface GalleryKeys {
  readonly selectAll: () => void;
  readonly escape: () => void;
}

/** Keys that work wherever the focus is, as long as nothing is being typed. */
export function useGalleryKeys(enabled: boolean, { selectAll, escape }: GalleryKeys): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const { target } = event;
    const typing =
      target instanceof HTMLElement &&
      (target.isContentEditable || target.closest('input:not([type=checkbox]), textarea, select') !== null);
    if (event.defaultPrevented || typing) return;
    if (event.key === 'Escape') escape();
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      selectAll();
    }
  });
  useEffect(() => {
    if (!enabled) return;
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [enabled]);
}
