import { useEffect } from 'react';

/** The title of the window or tab. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Likeness`;
  }, [title]);
}
