import { useCallback, useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { readView, writeView, type SearchView, type Source } from './search-address';

export interface SearchAddress {
  readonly view: SearchView;
  /** Another search: a step forward in the browser's history. The settings stay. */
  readonly search: (source: Source | null) => void;
  /** The same search with other settings, or under its lasting address. */
  readonly change: (fields: Partial<SearchView>) => void;
  /** A match large: a step of its own, so that "back" closes it. */
  readonly show: (id: string) => void;
  readonly hide: () => void;
}

/** In the state of the history entry that `show` made. */
interface EntryState {
  readonly shownHere?: boolean;
}

export function useSearchView(): SearchAddress {
  const navigate = useNavigate();
  const here = useLocation();
  const query = here.search;
  const view = useMemo(() => readView(new URLSearchParams(query)), [query]);
  const shownHere = (here.state as EntryState | null)?.shownHere === true;

  const go = useCallback(
    (fields: Partial<SearchView>, options: { replace?: boolean; state?: EntryState }) =>
      // The address as it is when this is called: two changes may come in one go.
      navigate(
        { search: writeView({ ...readView(new URLSearchParams(location.search)), ...fields }) },
        { preventScrollReset: true, flushSync: true, ...options },
      ),
    [navigate],
  );
  return {
    view,
    search: useCallback(
      (source) =>
        void navigate(
          {
            pathname: '/',
            search:
              source === null
                ? ''
                : writeView({ ...readView(new URLSearchParams(location.search)), source, shown: null }),
          },
          // A picture that was dropped is to be seen at once.
          { flushSync: true },
        ),
      [navigate],
    ),
    change: useCallback(
      (fields) => void go(fields, { replace: true, state: { shownHere } }),
      [go, shownHere],
    ),
    show: useCallback((shown) => void go({ shown }, { state: { shownHere: true } }), [go]),
    hide: useCallback(
      () => void (shownHere ? navigate(-1) : go({ shown: null }, { replace: true })),
      [go, navigate, shownHere],
    ),
  };
}
