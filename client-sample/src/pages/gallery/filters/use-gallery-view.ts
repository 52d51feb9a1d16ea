import { useCallback, useMemo } from 'react';
import { useSearchParams } from '../../../navigation/use-search-params';
import { readView, writeView, type GalleryView } from './gallery-address';

/** What the gallery shows; kept in the address, so that it can be shared and survives reload and back. */
export function useGalleryView(): readonly [GalleryView, (change: Partial<GalleryView>) => void] {
  const [address, setAddress] = useSearchParams();
  // The same view is the same, whichever picture of it is shown large.
  const key = writeView(readView(address)).toString();
  const view = useMemo(() => readView(new URLSearchParams(key)), [key]);
  const change = useCallback(
    (fields: Partial<GalleryView>) => setAddress((now) => writeView({ ...readView(now), ...fields })),
    [setAddress],
  );
  return [view, change];
}
