import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import { useTranslation } from 'react-i18next';
import { TagInput } from '../../../components/tag-input';
import { useTagsInUse } from '../../../components/use-tags-in-use';
import { FactFilters } from './fact-filters';
import { DayFilter } from './filter-fields';
import { isFiltered, NO_FILTER, type GalleryView } from './gallery-address';
import { LibraryFilter } from './library-filter';

interface FilterPanelProps {
  readonly view: GalleryView;
  readonly onChange: (change: Partial<GalleryView>) => void;
}

export function FilterPanel({ view, onChange }: FilterPanelProps) {
  const { t } = useTranslation();
  const tagsInUse = useTagsInUse();
  return (
    <div className="gallery-filters">
      <Form.Group controlId="filter-tags">
        <Form.Label>{t('gallery.filters.allTags')}</Form.Label>
        <TagInput
          id="filter-tags"
          value={view.tags}
          suggestions={tagsInUse}
          knownOnly
          placeholder={t('gallery.filters.tagsHint')}
          onChange={(tags) => onChange({ tags })}
        />
      </Form.Group>
      <Form.Group controlId="filter-any-tags">
        <Form.Label>{t('gallery.filters.anyTags')}</Form.Label>
        <TagInput
          id="filter-any-tags"
          value={view.anyTags}
          suggestions={tagsInUse}
          knownOnly
          placeholder={t('gallery.filters.tagsHint')}
          onChange={(anyTags) => onChange({ anyTags })}
        />
      </Form.Group>
      <DayFilter
        name="from"
        label={t('gallery.filters.from')}
        value={view.from}
        max={view.to}
        onChange={(from) => onChange({ from })}
      />
      <DayFilter
        name="to"
        label={t('gallery.filters.to')}
        value={view.to}
        min={view.from}
        onChange={(to) => onChange({ to })}
      />
      <FactFilters view={view} onChange={onChange} />
      <LibraryFilter view={view} onChange={onChange} />
      {isFiltered(view) && (
        <Button variant="link" onClick={() => onChange(NO_FILTER)}>
          {t('gallery.filters.clear')}
        </Button>
      )}
    </div>
  );
}
