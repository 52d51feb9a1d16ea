import { useEffect, useEffectEvent, type RefObject } from 'react';

/** Calls back when the element comes within `margin` of the window, and again whenever `key` changed while it is there. */
export function useWhenVisible(
  element: RefObject<Element | null>,
  callback: () => void,
  key: unknown,
  margin = '600px',
): void {
  const seen = useEffectEvent(callback);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) seen();
      },
      { rootMargin: margin },
    );
    observer.observe(current);
    return () => observer.disconnect();
  }, [element, margin, key]);
}
