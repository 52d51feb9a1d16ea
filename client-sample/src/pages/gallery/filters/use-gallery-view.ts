import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { readView, writeView, type GalleryView } from './gallery-address';

/** What the gallery shows; kept in the address, so that it can be shared and survives reload and back. */
export function useGalleryView(): readonly [GalleryView, (change: Partial<GalleryView>) => void] {
  const [address, setAddress] = useSearchParams();
  const view = useMemo(() => readView(address), [address]);
  const change = useCallback(
    (fields: Partial<GalleryView>) =>
      // Each letter typed would otherwise be a step back.
      setAddress((now) => writeView({ ...readView(now), ...fields }), {
        replace: true,
        preventScrollReset: true,
      }),
    [setAddress],
  );
  return [view, change];
}
