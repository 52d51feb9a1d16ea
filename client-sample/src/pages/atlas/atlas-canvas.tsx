import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from 'd3-zoom';
import { useEffect, useImperativeHandle, useRef, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { AtlasMap, type Marker, type Point } from './atlas-map';

const MOST_ZOOM = 400;
const STEP = 1.6;
const PAN = 80;
/** Where a press ends so near to where it began, in CSS pixels, it was a click. */
const CLICK_REACH = 5;

export interface AtlasControls {
  zoomBy(factor: number): void;
  reset(): void;
  /** Brings the keyboard to the map. */
  focus(): void;
}

interface AtlasCanvasProps {
  readonly points: readonly Point[];
  readonly marker: Marker | null;
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
  /** Opens the marked picture. */
  readonly onOpen: () => void;
  readonly controls: Ref<AtlasControls>;
}

/** The map with everything that moves it: wheel, drag, pinch, keys. */
export function AtlasCanvas({ points, marker, selected, onSelect, onOpen, controls }: AtlasCanvasProps) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<AtlasMap | null>(null);
  const behavior = useRef<ZoomBehavior<HTMLCanvasElement, unknown> | null>(null);
  const pressed = useRef<readonly [number, number] | null>(null);

  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const drawing = new AtlasMap(element);
    map.current = drawing;
    const zooming = zoom<HTMLCanvasElement, unknown>()
      .scaleExtent([0.8, MOST_ZOOM])
      .clickDistance(CLICK_REACH)
      .on('zoom', ({ transform }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        drawing.transform = transform;
      });
    behavior.current = zooming;
    const selection = select(element).call(zooming);
    const resize = new ResizeObserver(() => drawing.draw());
    resize.observe(element);
    const theme = new MutationObserver(() => (drawing.colors = readColors(element)));
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-bs-theme'] });
    drawing.colors = readColors(element);
    return () => {
      selection.on('.zoom', null);
      resize.disconnect();
      theme.disconnect();
      drawing.dispose();
      map.current = null;
    };
  }, []);

  useEffect(() => {
    if (map.current) map.current.points = points;
  }, [points]);
  useEffect(() => {
    const drawing = map.current;
    if (drawing === null) return;
    drawing.marker = marker;
    if (marker === null || drawing.isVisible(marker)) return;
    const [x, y] = drawing.place(marker);
    behavior.current?.translateTo(
      select<HTMLCanvasElement, unknown>(canvas.current as HTMLCanvasElement),
      x,
      y,
    );
  }, [marker]);
  useEffect(() => {
    if (map.current) map.current.selected = selected;
  }, [selected]);

  const zoomed = (change: (behavior: ZoomBehavior<HTMLCanvasElement, unknown>) => void): void => {
    if (behavior.current) change(behavior.current);
  };
  const on = (): ReturnType<typeof select<HTMLCanvasElement, unknown>> =>
    select<HTMLCanvasElement, unknown>(canvas.current as HTMLCanvasElement);
  const zoomBy = (factor: number): void => zoomed((behavior) => behavior.scaleBy(on(), factor));
  const panBy = (x: number, y: number): void =>
    zoomed((behavior) =>
      behavior.translateBy(on(), x / transformOf(canvas.current).k, y / transformOf(canvas.current).k),
    );
  const reset = (): void => zoomed((behavior) => behavior.transform(on(), zoomIdentity));
  const goTo = (point: { readonly x: number; readonly y: number }): void =>
    zoomed((behavior) => {
      const [x, y] = map.current?.place(point) ?? [0, 0];
      behavior.translateTo(on(), x, y);
    });
  useImperativeHandle(controls, () => ({ zoomBy, reset, focus: () => canvas.current?.focus() }));

  /** From picture to picture, by their nearness to the middle as it was when the first one was marked. */
  const tour = useRef<readonly Point[]>([]);
  const step = (direction: 1 | -1): void => {
    if (selected === null || !tour.current.some(({ id }) => id === selected))
      tour.current = map.current?.nearMiddle() ?? [];
    const order = tour.current;
    if (order.length === 0) return;
    const now = order.findIndex(({ id }) => id === selected);
    const next = order[(now === -1 ? 0 : now + direction + order.length) % order.length];
    if (next === undefined) return;
    onSelect(next.id);
    if (map.current?.isVisible(next) !== true) goTo(next);
  };

  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => panBy(PAN, 0),
    ArrowRight: () => panBy(-PAN, 0),
    ArrowUp: () => panBy(0, PAN),
    ArrowDown: () => panBy(0, -PAN),
    '+': () => zoomBy(STEP),
    '=': () => zoomBy(STEP),
    '-': () => zoomBy(1 / STEP),
    '0': reset,
    n: () => step(1),
    p: () => step(-1),
    Enter: () => selected !== null && onOpen(),
    Escape: () => onSelect(null),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  };

  return (
    <canvas
      ref={canvas}
      className="atlas-canvas"
      tabIndex={0}
      role="application"
      aria-label={t('atlas.canvas')}
      aria-describedby="atlas-keys"
      onKeyDown={onKeyDown}
      onPointerDown={({ clientX, clientY }) => (pressed.current = [clientX, clientY])}
      onClick={({ clientX, clientY, nativeEvent }) => {
        const [x, y] = pressed.current ?? [clientX, clientY];
        if (Math.hypot(clientX - x, clientY - y) > CLICK_REACH) return;
        onSelect(map.current?.at(nativeEvent.offsetX, nativeEvent.offsetY)?.id ?? null);
      }}
    />
  );
}

function transformOf(element: HTMLCanvasElement | null): { readonly k: number } {
  return (element as { __zoom?: { readonly k: number } } | null)?.__zoom ?? zoomIdentity;
}

function readColors(element: HTMLElement): { dot: string; accent: string; background: string } {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  return { dot: color('--bs-secondary'), accent: color('--bs-primary'), background: color('--bs-body-bg') };
}
