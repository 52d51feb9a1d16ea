import { useEffect, useEffectEvent, type RefObject } from 'react';

/** As far as a finger has to go, or as fast, to turn the page. */
const FAR_PX = 70;
const FAST_PX_PER_MS = 0.5;

/**
 * Pages turned with a finger: the element follows it, and turns or comes back when it is lifted. The element needs
 * `touch-action: pan-y pinch-zoom`.
 */
export function useSwipe(
  element: RefObject<HTMLElement | null>,
  onSwipe: (step: 1 | -1) => void,
  canSwipe: (step: 1 | -1) => boolean,
): void {
  const swipe = useEffectEvent(onSwipe);
  const can = useEffectEvent(canSwipe);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    let start: { readonly id: number; readonly x: number; readonly at: number } | null = null;

    const rest = (): void => {
      start = null;
      current.style.transform = '';
    };
    const onDown = (event: PointerEvent): void => {
      // Enlarged with two fingers, one finger moves about in the picture.
      if (event.pointerType === 'mouse' || (window.visualViewport?.scale ?? 1) > 1.01) return;
      if (start === null) start = { id: event.pointerId, x: event.clientX, at: event.timeStamp };
      else rest();
    };
    const onMove = (event: PointerEvent): void => {
      if (start?.id !== event.pointerId) return;
      const moved = event.clientX - start.x;
      // At either end it gives way only a little.
      const shown = can(moved < 0 ? 1 : -1) ? moved : moved / 4;
      current.style.transform = `translateX(${shown}px)`;
    };
    const onUp = (event: PointerEvent): void => {
      if (start?.id !== event.pointerId) return;
      const moved = event.clientX - start.x;
      const speed = Math.abs(moved) / Math.max(1, event.timeStamp - start.at);
      rest();
      const step = moved < 0 ? 1 : -1;
      if (can(step) && (Math.abs(moved) > FAR_PX || (speed > FAST_PX_PER_MS && Math.abs(moved) > 20)))
        swipe(step);
    };
    current.addEventListener('pointerdown', onDown);
    current.addEventListener('pointermove', onMove);
    current.addEventListener('pointerup', onUp);
    current.addEventListener('pointercancel', rest);
    return () => {
      current.removeEventListener('pointerdown', onDown);
      current.removeEventListener('pointermove', onMove);
      current.removeEventListener('pointerup', onUp);
      current.removeEventListener('pointercancel', rest);
    };
  }, [element]);
}
