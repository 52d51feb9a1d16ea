import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Icon } from '../../components/icon';
import { formatNumber } from '../../lib/format';

/** As many as the server packs into one archive. */
const MAX_ARCHIVED = 1000;

/** One picture as it is, several as a ZIP. */
const downloadUrl = (ids: readonly string[]): string =>
  ids.length === 1 ? `/media/${ids[0]}?download` : `/media/archive?ids=${ids.join(',')}`;

export interface AlbumActions {
  readonly onTake: () => void;
  /** Null while another order is shown. */
  readonly onMove: ((direction: 'earlier' | 'later') => void) | null;
}

interface SelectionBarProps {
  readonly ids: readonly string[];
  readonly loaded: number;
  readonly total: number;
  readonly onTag: () => void;
  readonly onAddToAlbum: () => void;
  /** Where an album is shown whose list is one's own to change. */
  readonly album: AlbumActions | null;
  readonly onRemove: () => void;
  readonly onSelectAll: () => void;
  readonly onClear: () => void;
}

/** What can be done with the selected pictures. */
export function SelectionBar(props: SelectionBarProps) {
  const { ids, loaded, total, onTag, onAddToAlbum, album, onRemove, onSelectAll, onClear } = props;
  const { t, i18n } = useTranslation();
  const number = (value: number): string => formatNumber(i18n.language, value);
  const [only] = ids;
  return (
    <div className="selection-bar" role="toolbar" aria-label={t('gallery.selection.label')}>
      <Button className="btn-close" variant="" aria-label={t('gallery.selection.clear')} onClick={onClear} />
      <span className="fw-semibold text-nowrap tabular me-auto" role="status">
        {t('gallery.selection.count', { count: ids.length, number: number(ids.length) })}
      </span>
      {ids.length < total && (
        <Button size="sm" variant="link" className="d-none d-md-inline-block" onClick={onSelectAll}>
          {ids.length >= loaded
            ? t('gallery.selection.allOf', { number: number(total) })
            : t('gallery.selection.all', { number: number(total) })}
        </Button>
      )}
      {ids.length === 1 && only !== undefined && (
        <Link className="btn btn-sm btn-outline-secondary" to={`/?image=${encodeURIComponent(only)}`}>
          {t('gallery.moreLikeThis')}
        </Link>
      )}
      <Button size="sm" variant="outline-secondary" onClick={onTag}>
        {t('gallery.selection.tag')}
      </Button>
      <Button size="sm" variant="outline-secondary" onClick={onAddToAlbum}>
        {t('albums.add')}
      </Button>
      {album !== null && <AlbumButtons {...album} />}
      {ids.length <= MAX_ARCHIVED && (
        <a className="btn btn-sm btn-outline-secondary" href={downloadUrl(ids)} download>
          {t('gallery.selection.download')}
        </a>
      )}
      <Button size="sm" variant="outline-danger" onClick={onRemove}>
        {t('gallery.selection.remove')}
      </Button>
    </div>
  );
}

const DIRECTIONS = { earlier: 'previous', later: 'next' } as const;

function AlbumButtons({ onTake, onMove }: AlbumActions) {
  const { t } = useTranslation();
  return (
    <>
      {onMove !== null &&
        (['earlier', 'later'] as const).map((direction) => (
          <Button
            key={direction}
            size="sm"
            variant="outline-secondary"
            aria-label={t(`albums.${direction}`)}
            title={t(`albums.${direction}`)}
            onClick={() => onMove(direction)}
          >
            <Icon name={DIRECTIONS[direction]} />
          </Button>
        ))}
      <Button size="sm" variant="outline-secondary" onClick={onTake}>
        {t('albums.take')}
      </Button>
    </>
  );
}
