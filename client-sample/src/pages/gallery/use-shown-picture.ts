import { useQuery } from '@apollo/client/react';
import { useEffect, useEffectEvent, useState, type RefObject } from 'react';
import { useShown, type Shown } from '../../navigation/use-shown';
import { galleryKnowsQuery } from './documents';
import type { GalleryGridHandle } from './grid/gallery-grid';
import { shownNow } from './shown-picture';

interface ShownPicture extends Shown {
  /** Its place in the list; -1 when nothing is shown, or something that is not in the list. */
  readonly index: number;
  /** The gallery has no picture of this id. */
  readonly unknown: boolean;
}

/**
 * The picture of the address, shown large over the gallery. When it is removed, by whomever, the one that takes its place
 * is shown. When it is closed, the keyboard goes on at the picture that was shown last.
 */
export function useShownPicture(
  ids: readonly string[],
  total: number,
  grid: RefObject<GalleryGridHandle | null>,
): ShownPicture {
  const address = useShown();
  const [last, setLast] = useState({ id: address.id, index: -1 });
  const { id, index } = shownNow(address.id, last, ids, total);
  const { data } = useQuery(galleryKnowsQuery, {
    variables: { id: id ?? '' },
    skip: id === null || index !== -1 || (id === last.id && last.index !== -1),
  });
  if (id !== null && (id !== last.id || (index !== -1 && index !== last.index))) setLast({ id, index });

  const follow = useEffectEvent(() => {
    if (address.id === null) {
      const at = Math.min(last.index, ids.length - 1);
      // After the dialog has returned the focus to where it was opened.
      if (at !== -1) setTimeout(() => grid.current?.focus(at));
      setLast({ id: null, index: -1 });
    } else if (id === null) address.hide();
    else if (id !== address.id) address.turnTo(id);
  });
  useEffect(() => follow(), [id, address.id]);
  return { ...address, id, index, unknown: id !== null && index === -1 && data?.galleryImage === null };
}
