import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state';

interface EmptyGalleryProps {
  readonly filtered: boolean;
  /** The album that is shown; null for the whole gallery. */
  readonly album: { readonly isSmart: boolean } | null;
  readonly onClear: () => void;
}

/** In place of the grid when there is nothing to show: why, and what to do about it. */
export function EmptyGallery({ filtered, album, onClear }: EmptyGalleryProps) {
  const { t } = useTranslation();
  if (filtered) {
    return (
      <EmptyState title={t('gallery.nothingFound')}>
        <p>{t('gallery.nothingFoundHint')}</p>
        <Button variant="outline-primary" onClick={onClear}>
          {t('gallery.filters.clear')}
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={t(album === null ? 'gallery.empty' : 'albums.empty')}>
      <p>
        {t(album === null ? 'gallery.emptyHint' : album.isSmart ? 'albums.smartEmpty' : 'albums.emptyHint')}
      </p>
    </EmptyState>
  );
}
