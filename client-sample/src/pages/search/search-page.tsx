import { useCallback, useEffect, useRef } from 'react';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { failure } from '../../api/errors';
import { useFailureMessage } from '../../components/error-notice';
import { useToast } from '../../components/toasts';
import { usePageTitle } from '../../lib/page-title';
import '../../styles/search.css';
import { sortFiles } from '../gallery/uploads/picture-files';
import { useSearchView } from './address/use-search-view';
import { ModelHint } from './model-hint';
import { queryName, takeFile } from './query/query-files';
import { usePictureDrop } from './query/use-picture-drop';
import { SearchBody } from './search-body';
import { Start } from './start/start';
import { useLimits } from './start/use-limits';

/** What a browser calls a picture that has no file. */
const MADE_UP_NAME = /^image\.\w+$/;

export function SearchPage() {
  const { t } = useTranslation();
  usePageTitle(t('search.title'));
  const toast = useToast();
  const tell = useFailureMessage();
  const address = useSearchView();
  const { limits, gallerySize, model } = useLimits();
  const { view, search } = address;

  const refuse = (code: 'NOT_A_FILE' | 'NOT_A_PICTURE'): void =>
    toast({ message: tell(failure(code)), variant: 'danger' });
  const takeFiles = useCallback(
    (files: readonly File[], pasted: boolean) => {
      const [first, ...others] = sortFiles(files).pictures;
      if (first === undefined) return false;
      const name = pasted && MADE_UP_NAME.test(first.name) ? null : first.name;
      search({ kind: 'file', id: takeFile(first, name, others.length + 1).key });
      return true;
    },
    [search],
  );
  const onFiles = (files: readonly File[], pasted = false): void => {
    if (!takeFiles(files, pasted)) refuse('NOT_A_PICTURE');
  };
  const over = usePictureDrop({
    onFiles,
    onGalleryImage: (id) => search({ kind: 'image', id }),
    onRefused: refuse,
  });

  // From one query to another the keyboard goes on at the beginning, as from page to page.
  const { source } = view;
  const name = source === null ? null : queryName(source);
  const before = useRef(name);
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (before.current !== name) top.current?.focus({ preventScroll: true });
    before.current = name;
  }, [name]);

  return (
    <Container fluid className="search page-width py-4">
      <ModelHint serving={model} />
      <div ref={top} tabIndex={-1} className="search-top">
        {source === null ? (
          <Start limits={limits} onFiles={onFiles} />
        ) : (
          <SearchBody
            key={name}
            source={source}
            address={address}
            limits={limits}
            gallerySize={gallerySize}
            onFiles={onFiles}
          />
        )}
      </div>
      {over && <div className="search-drop">{t('search.drop')}</div>}
    </Container>
  );
}
