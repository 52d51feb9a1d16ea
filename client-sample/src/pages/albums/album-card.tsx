import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Icon } from '../../components/icon';
import { Thumbnail } from '../../components/thumbnail';
import { readFragment, type FragmentType } from '../../gql';
import { formatNumber } from '../../lib/format';
import { albumAddress } from './album-address';
import { albumCardFragment } from './documents';

interface AlbumCardProps {
  readonly album: FragmentType<typeof albumCardFragment>;
  readonly onRename: (id: string, name: string) => void;
  readonly onDelete: (id: string) => void;
}

export function AlbumCard({ album, onRename, onDelete }: AlbumCardProps) {
  const { t, i18n } = useTranslation();
  const { id, name, isSmart, count, cover, search } = readFragment(albumCardFragment, album);
  return (
    <li className="album-card">
      <Link to={albumAddress(id)} className="album-link">
        <span className="album-cover">
          {cover == null ? <Icon name="picture" size={32} /> : <Thumbnail image={cover} sizes="320px" />}
          {isSmart && <span className="badge album-smart">{t('albums.smart')}</span>}
        </span>
        <span className="album-name">{name}</span>
      </Link>
      <div className="album-facts">
        <span className="small text-body-secondary tabular">
          {count != null && t('albums.pictures', { count, number: formatNumber(i18n.language, count) })}
        </span>
        <span className="album-actions">
          <Button
            size="sm"
            variant="link"
            aria-label={t('albums.renameThis', { name })}
            onClick={() => onRename(id, name)}
          >
            {t('albums.rename')}
          </Button>
          <Button
            size="sm"
            variant="link"
            aria-label={t('albums.deleteThis', { name })}
            title={t('albums.delete')}
            onClick={() => onDelete(id)}
          >
            <Icon name="trash" />
          </Button>
        </span>
      </div>
      {search?.isImageRemoved === true && <p className="small mb-0">{t('albums.imageRemoved')}</p>}
    </li>
  );
}
