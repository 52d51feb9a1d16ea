import { useCallback } from 'react';
import { useLocation } from 'wouter';
import { useHistoryState, useSearch } from 'wouter/use-browser-location';
import type { Entry } from './entry';

export interface Shown {
  /** The picture that the address names; null when it names none. */
  readonly id: string | null;
  /** Opens a picture: a step of its own in the browser's history, so that "back" closes it. */
  readonly show: (id: string) => void;
  /** Another picture in its place, without a step. */
  readonly turnTo: (id: string) => void;
  readonly hide: () => void;
}

/** A comma is readable in an address, so it stays one. */
const written = (address: URLSearchParams): string => {
  const text = address.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
};

/** The address with this picture shown large, or with none. */
export function withShown(search: string, id: string | null): string {
  const address = new URLSearchParams(search);
  if (id === null) address.delete('show');
  else address.set('show', id);
  return written(address);
}

/** The picture that is shown large over the page. It is in the address, so that it can be shared and survives a reload. */
export function useShown(): Shown {
  const [, navigate] = useLocation();
  const id = new URLSearchParams(useSearch()).get('show');
  const shownHere = useHistoryState<Entry | null>()?.shownHere === true;
  const set = useCallback(
    (shown: string | null, state: Entry, replace: boolean) =>
      navigate(location.pathname + withShown(location.search, shown), {
        replace,
        state: { ...state, keepScroll: true },
      }),
    [navigate],
  );
  return {
    id: id === '' ? null : id,
    show: useCallback((shown) => set(shown, { shownHere: true }, false), [set]),
    turnTo: useCallback((shown) => set(shown, { shownHere }, true), [set, shownHere]),
    hide: useCallback(() => {
      if (shownHere) history.back();
      else set(null, {}, true);
    }, [set, shownHere]),
  };
}
