import { useQuery } from '@apollo/client/react';
import Form from 'react-bootstrap/Form';
import { useTranslation } from 'react-i18next';
import { graphql } from '../../../gql';
import { formatNumber } from '../../../lib/format';
import { ChoiceFilter, DayFilter } from './filter-fields';
import { ORIENTATIONS, STARS, type GalleryView } from './gallery-address';

const camerasQuery = graphql(`
  query Cameras {
    cameras {
      camera
      count
    }
  }
`);

/** As in `GalleryImage.format`; cameras' raw files last. */
const FORMATS = [
  ...['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff', 'heic', 'jxl', 'bmp', 'ico', 'psd'],
  ...['dng', 'cr2', 'cr3', 'nef', 'arw', 'raf', 'orf'],
];

interface FactFiltersProps {
  readonly view: GalleryView;
  readonly onChange: (change: Partial<GalleryView>) => void;
}

/** Filters by what is in the file and by how people rated a picture. */
export function FactFilters({ view, onChange }: FactFiltersProps) {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(camerasQuery, { fetchPolicy: 'cache-and-network', errorPolicy: 'ignore' });
  const cameras = (data?.cameras ?? []).map(({ camera, count }) => ({
    value: camera,
    label: `${camera} (${formatNumber(i18n.language, count)})`,
  }));
  return (
    <>
      <DayFilter
        name="taken-from"
        label={t('gallery.filters.takenFrom')}
        value={view.takenFrom}
        max={view.takenTo}
        onChange={(takenFrom) => onChange({ takenFrom })}
      />
      <DayFilter
        name="taken-to"
        label={t('gallery.filters.takenTo')}
        value={view.takenTo}
        min={view.takenFrom}
        onChange={(takenTo) => onChange({ takenTo })}
      />
      {(cameras.length > 0 || view.camera !== '') && (
        <ChoiceFilter
          name="camera"
          label={t('gallery.filters.camera')}
          value={view.camera}
          choices={cameras}
          onChange={(camera) => onChange({ camera })}
        />
      )}
      <ChoiceFilter
        name="format"
        label={t('gallery.filters.format')}
        value={view.format}
        choices={FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
        onChange={(format) => onChange({ format })}
      />
      <ChoiceFilter
        name="orientation"
        label={t('gallery.filters.orientation')}
        value={view.orientation}
        choices={ORIENTATIONS.map((value) => ({ value, label: t(`gallery.filters.${value}`) }))}
        onChange={(chosen) => onChange({ orientation: ORIENTATIONS.find((one) => one === chosen) ?? '' })}
      />
      <ChoiceFilter
        name="rating"
        label={t('gallery.filters.rating')}
        value={view.minRating === 0 ? '' : String(view.minRating)}
        choices={STARS.map((count) => ({
          value: String(count),
          label: t('gallery.filters.stars', { count }),
        }))}
        onChange={(stars) => onChange({ minRating: Number(stars) })}
      />
      <ChoiceFilter
        name="tagged"
        label={t('common.tags')}
        value={view.tagged === null ? '' : String(view.tagged)}
        choices={[
          { value: 'true', label: t('gallery.filters.tagged') },
          { value: 'false', label: t('gallery.filters.untagged') },
        ]}
        onChange={(tagged) => onChange({ tagged: tagged === '' ? null : tagged === 'true' })}
      />
      <Form.Check
        id="filter-favorites"
        className="gallery-filter-check"
        label={t('gallery.filters.favorites')}
        checked={view.favorites}
        onChange={({ target }) => onChange({ favorites: target.checked })}
      />
    </>
  );
}
