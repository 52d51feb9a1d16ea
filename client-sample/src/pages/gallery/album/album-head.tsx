import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ShownAlbum } from './use-shown-album';

/** Below the title, where the gallery shows an album: what kind it is, and what can be done with it as a whole. */
export function AlbumHead({ album, isEmpty }: { readonly album: ShownAlbum; readonly isEmpty: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="gallery-album">
      <Link to="/albums">{t('albums.all')}</Link>
      {album.isSmart && (
        <span className="badge text-bg-secondary" title={t('albums.smartHint')}>
          {t('albums.smart')}
        </span>
      )}
      {!isEmpty && (
        <a href={`/media/archive?album=${encodeURIComponent(album.id)}`} download>
          {t('albums.download')}
        </a>
      )}
      {album.isImageRemoved && <span role="status">{t('albums.imageRemoved')}</span>}
    </div>
  );
}
