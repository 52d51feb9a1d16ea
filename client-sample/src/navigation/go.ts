import type { AroundNavHandler } from 'wouter';
import { pageAt } from '../routes';
import type { Entry } from './entry';
import { leaveEntry } from './scroll';

/** The latest that was asked for: one that is still being fetched gives way to it. */
let latest = 0;
addEventListener('popstate', () => latest++);

/** Every way to another address but "back" and "forward". The page that is shown stays until the next one is here. */
export const go: AroundNavHandler = (navigate, to, options) => {
  const mine = ++latest;
  const make = (): void => {
    if (mine !== latest) return;
    leaveEntry();
    const state: Entry = {
      ...(options?.state as Entry | undefined),
      key: Math.random().toString(36).slice(2),
    };
    navigate(to, { ...options, state });
  };
  const page = pageAt(new URL(to, location.href).pathname);
  if (page.isLoaded() || page === pageAt(location.pathname)) make();
  // If its files cannot be fetched, the page is opened anyway and shows that.
  else void page.load().then(make, make);
};
