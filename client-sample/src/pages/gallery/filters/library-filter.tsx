import { useQuery } from '@apollo/client/react';
import Form from 'react-bootstrap/Form';
import { useTranslation } from 'react-i18next';
import { AS_ADMINISTRATOR } from '../../../api/administrator';
import { graphql } from '../../../gql';
import { ChoiceFilter } from './filter-fields';
import type { GalleryView } from './gallery-address';

const libraryNamesQuery = graphql(`
  query LibraryNames {
    libraries(first: 500) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

interface LibraryFilterProps {
  readonly view: GalleryView;
  readonly onChange: (change: Partial<GalleryView>) => void;
}

/**
 * Filters by library and by missing files. Only administrators may list libraries; others can still open an address that
 * names one. In a gallery without libraries nothing is shown.
 */
export function LibraryFilter({ view, onChange }: LibraryFilterProps) {
  const { t } = useTranslation();
  const { data, loading } = useQuery(libraryNamesQuery, {
    fetchPolicy: 'cache-and-network',
    errorPolicy: 'ignore',
    context: AS_ADMINISTRATOR,
  });
  const libraries = data?.libraries?.edges.map(({ node }) => node) ?? null;
  const hasChoice = view.library !== '' || (libraries !== null && libraries.length > 0);
  const canBeMissing = hasChoice || view.missing || (libraries === null && !loading);
  return (
    <>
      {hasChoice && (
        <ChoiceFilter
          name="library"
          label={t('gallery.filters.library')}
          value={view.library}
          choices={(libraries ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          any={t('gallery.filters.anyLibrary')}
          other={t('gallery.filters.otherLibrary')}
          onChange={(library) => onChange({ library })}
        />
      )}
      {canBeMissing && (
        <Form.Check
          id="filter-missing"
          className="gallery-filter-check"
          label={t('gallery.filters.missing')}
          checked={view.missing}
          onChange={({ target }) => onChange({ missing: target.checked })}
        />
      )}
    </>
  );
}
