import { useCallback, useMemo } from 'react';
import { useLocation } from 'wouter';
import { useSearch } from 'wouter/use-browser-location';

type Change = (before: URLSearchParams) => URLSearchParams;

/**
 * What stands behind the "?" of the address, and a function that puts something else there: no step of its own in the
 * browser's history (each letter typed would be one), and the page stays where it is scrolled to.
 */
export function useSearchParams(): readonly [URLSearchParams, (change: Change) => void] {
  const [, navigate] = useLocation();
  // As it is in the address: wouter's own hook decodes it once too often for a tag with a "%".
  const search = useSearch();
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback(
    (make: Change) => {
      // The address as it is when this is called: two changes may come in one go.
      const made = make(new URLSearchParams(location.search)).toString();
      const query = made === '' ? '' : `?${made}`;
      navigate(`${location.pathname}${query}`, { replace: true, state: { keepScroll: true } });
    },
    [navigate],
  );
  return [parameters, change];
}
