import { useLayoutEffect, useState, type RefObject } from 'react';

/** The width of an element, as it changes. `guess` is taken for the first render, before there is an element. */
export function useElementWidth(element: RefObject<HTMLElement | null>, guess: () => number): number {
  const [width, setWidth] = useState(guess);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const measure = (): void => setWidth(current.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
