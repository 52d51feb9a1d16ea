import { useFragment } from '@apollo/client/react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon';
import { Thumbnail } from '../../../components/thumbnail';
import { galleryCellFragment } from '../documents';
import { shownWidth } from './grid-layout';

interface GalleryCellProps {
  readonly id: string;
  readonly index: number;
  readonly column: number;
  readonly cell: number;
  readonly selected: boolean;
  /** The one that Tab reaches; the arrow keys lead to the others. */
  readonly current: boolean;
  /** Whether the picture may be fetched: not for rows that rush past. */
  readonly load: boolean;
}

const openLabel = (missing: boolean, favorite: boolean) =>
  missing ? 'gallery.openMissing' : favorite ? 'gallery.openFavorite' : 'gallery.open';

const ignore = (): void => {};

/** A picture of the grid. Clicks and keys are handled by the grid, which finds the cell by `data-index`. */
export const GalleryCell = memo(function GalleryCell(props: GalleryCellProps) {
  const { id, index, column, cell, selected, current, load } = props;
  const { t } = useTranslation();
  const { data, dataState } = useFragment({
    fragment: galleryCellFragment,
    fragmentName: 'GalleryCell',
    from: { __typename: 'GalleryImage', id },
  });
  // For a moment after it was removed the list may still name it.
  if (dataState !== 'complete') return <EmptyCell column={column} />;
  const { title, tags, width, height, missing, favorite } = data;
  const name = title === '' ? t('common.untitled') : title;
  const tabIndex = current ? 0 : -1;
  return (
    <div
      role="gridcell"
      aria-colindex={column + 1}
      aria-selected={selected}
      data-index={index}
      className={`gallery-cell ${selected ? 'selected' : ''}`}
    >
      <button
        type="button"
        className="gallery-open"
        tabIndex={tabIndex}
        aria-label={t(openLabel(missing, favorite), { name })}
      >
        {load && <Thumbnail image={data} sizes={shownWidth(cell, width, height)} />}
        {missing && (
          <span className="missing-badge" aria-hidden="true">
            {t('gallery.missing')}
          </span>
        )}
        {favorite && (
          <span className="gallery-heart">
            <Icon name="heart" />
          </span>
        )}
        <span className="gallery-caption" aria-hidden="true">
          <span className="text-truncate">{name}</span>
          {tags.length > 0 && <span className="gallery-caption-tags text-truncate">{tags.join(' · ')}</span>}
        </span>
      </button>
      <span className="gallery-check">
        <input
          type="checkbox"
          className="form-check-input"
          checked={selected}
          onChange={ignore}
          tabIndex={tabIndex}
          aria-label={t('gallery.select', { name })}
        />
      </span>
    </div>
  );
});

/** In place of a picture that has not been loaded yet. */
export function EmptyCell({ column }: { readonly column: number }) {
  return <div role="gridcell" aria-colindex={column + 1} className="gallery-cell skeleton" />;
}
