import { useCallback, useMemo } from 'react';
import { useLocation } from 'wouter';
import { useHistoryState, useSearch } from 'wouter/use-browser-location';
import type { Entry } from '../../../navigation/entry';
import { useShown } from '../../../navigation/use-shown';
import { readView, writeView, type SearchView, type Source } from './search-address';

export interface SearchAddress {
  readonly view: SearchView;
  /** Another search: a step forward in the browser's history. The settings stay. */
  readonly search: (source: Source | null) => void;
  /** The same search with other settings, or under its lasting address. */
  readonly change: (fields: Partial<SearchView>) => void;
  /** A match large. */
  readonly show: (id: string) => void;
  readonly hide: () => void;
}

export function useSearchView(): SearchAddress {
  const [, navigate] = useLocation();
  const query = useSearch();
  const view = useMemo(() => readView(new URLSearchParams(query)), [query]);
  const { show, hide } = useShown();
  const shownHere = useHistoryState<Entry | null>()?.shownHere === true;

  const go = useCallback(
    (pathname: string, fields: Partial<SearchView>, state?: Entry, replace = false) => {
      // The address as it is when this is called: two changes may come in one go.
      const made = writeView({ ...readView(new URLSearchParams(location.search)), ...fields });
      navigate(pathname + (made === '?' ? '' : made), { replace, state });
    },
    [navigate],
  );
  return {
    view,
    search: useCallback(
      (source) => {
        if (source === null) navigate('/');
        else go('/', { source, shown: null });
      },
      [go, navigate],
    ),
    change: useCallback(
      (fields) => go(location.pathname, fields, { shownHere, keepScroll: true }, true),
      [go, shownHere],
    ),
    show,
    hide,
  };
}
