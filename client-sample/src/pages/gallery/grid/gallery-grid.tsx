import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual';
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
} from 'react';
import { useImperativeHandle } from 'react';
import { useTranslation } from 'react-i18next';
import { useElementWidth } from '../../../lib/use-element-width';
import { GalleryRow } from './gallery-row';
import { GAP, gridLayout, keyTarget } from './grid-layout';
import type { Selection } from './use-selection';

/** Rows rendered above and below what is seen. */
const OVERSCAN = 4;

export interface GalleryGridHandle {
  /** Brings a picture into view and the keyboard to it. */
  focus(index: number): void;
}

interface GalleryGridProps {
  readonly ids: readonly string[];
  readonly total: number;
  readonly selection: Selection;
  readonly onOpen: (index: number) => void;
  readonly onRemove: (ids: readonly string[]) => void;
  /** Puts a picture at the place of another one; null where the order is not one's own. */
  readonly onMove: ((from: number, to: number) => void) | null;
  /** Called with how many pictures from the beginning are needed for what is visible. */
  readonly onNeed: (count: number) => void;
  readonly ref?: Ref<GalleryGridHandle>;
}

const indexOf = (target: EventTarget): number | null => {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
  return cell === null ? null : Number(cell.dataset['index']);
};

/** Where the width is not known yet: that of the page without its margins. */
const guessWidth = (): number => document.documentElement.clientWidth - 48;

export function GalleryGrid(props: GalleryGridProps) {
  const { ids, total, selection, onOpen, onRemove, onMove, onNeed, ref } = props;
  const { t } = useTranslation();
  const grid = useRef<HTMLDivElement>(null);
  const width = useElementWidth(grid, guessWidth);
  const { columns, cell } = gridLayout(width);
  const rows = Math.ceil(total / columns);

  const [wantedCurrent, setCurrent] = useState(0);
  const current = Math.min(wantedCurrent, Math.max(0, ids.length - 1));
  const currentRow = Math.floor(current / columns);
  const focusSoon = useRef(false);

  // Where the grid begins on the page: what is above it opens and closes.
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => {
      const top = grid.current?.getBoundingClientRect().top;
      if (top !== undefined) setOffset(Math.round(top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const virtualizer = useWindowVirtualizer({
    count: rows,
    estimateSize: () => cell + GAP,
    overscan: OVERSCAN,
    scrollMargin: offset,
    // The row that has the keyboard stays, wherever the page is scrolled to.
    rangeExtractor: useCallback(
      (range: Range) => {
        const shown = defaultRangeExtractor(range);
        return currentRow >= range.count || shown.includes(currentRow)
          ? shown
          : [...shown, currentRow].sort((a, b) => a - b);
      },
      [currentRow],
    ),
    scrollPaddingStart: 72,
    scrollPaddingEnd: 24,
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, cell]);

  const lastSeen = virtualizer.range?.endIndex ?? 0;
  const needed = Math.min(total, (lastSeen + 1 + OVERSCAN) * columns);
  useEffect(() => onNeed(needed), [onNeed, needed]);

  const moveTo = (index: number): void => {
    setCurrent(index);
    focusSoon.current = true;
    virtualizer.scrollToIndex(Math.floor(index / columns), { align: 'auto' });
  };
  useImperativeHandle(ref, () => ({ focus: moveTo }));
  // After every render: the row that was moved to may have come with this one.
  useEffect(() => {
    if (!focusSoon.current) return;
    const button = grid.current?.querySelector<HTMLElement>(`[data-index="${current}"] .gallery-open`);
    if (!button) return;
    focusSoon.current = false;
    button.focus({ preventScroll: true });
  });

  const onClick = (event: MouseEvent): void => {
    const index = indexOf(event.target);
    if (index === null || !(event.target instanceof Element)) return;
    setCurrent(index);
    const onCheck = event.target.closest('.gallery-check') !== null;
    if (event.shiftKey) selection.extend(index);
    else if (onCheck || event.ctrlKey || event.metaKey || selection.ids.length > 0) selection.toggle(index);
    else onOpen(index);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const index = indexOf(event.target);
    if (index === null || (event.altKey && onMove === null)) return;
    const control = event.ctrlKey || event.metaKey;
    const rowsPerPage = Math.max(1, Math.floor((window.innerHeight - 72) / (cell + GAP)));
    const target = keyTarget(event.key, control, index, { columns, count: ids.length, rowsPerPage });
    if (event.altKey) {
      if (target === null) return;
      onMove?.(index, target);
      moveTo(target);
    } else if (target !== null) {
      if (event.shiftKey) selection.extend(index);
      if (event.shiftKey) selection.extend(target);
      moveTo(target);
    } else if (event.key === ' ' && event.target instanceof HTMLButtonElement) {
      if (event.shiftKey) selection.extend(index);
      else selection.toggle(index);
    } else if (event.key === 'Enter' && event.target instanceof HTMLButtonElement) {
      // Opens also while others are selected, where a click would select.
      onOpen(index);
    } else if (event.key === 'Delete') {
      const id = ids[index];
      if (selection.ids.length > 0) onRemove(selection.ids);
      else if (id !== undefined) onRemove([id]);
    } else return;
    event.preventDefault();
  };
  // Firefox presses a button when Space is released.
  const onKeyUp = (event: KeyboardEvent): void => {
    if (event.key === ' ' && event.target instanceof HTMLButtonElement) event.preventDefault();
  };

  return (
    <>
      <p id="gallery-keys" className="visually-hidden">
        {t('gallery.keys')} {onMove !== null && t('albums.keys')}
      </p>
      <div
        ref={grid}
        role="grid"
        aria-describedby="gallery-keys"
        aria-label={t('gallery.grid')}
        aria-multiselectable="true"
        aria-rowcount={rows}
        aria-colcount={columns}
        className={`gallery-grid ${selection.ids.length > 0 ? 'selecting' : ''}`}
        style={{ height: Math.max(0, rows * (cell + GAP) - GAP) }}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onKeyUp={onKeyUp}
      >
        {virtualizer.getVirtualItems().map(({ index, start }) => (
          <GalleryRow
            key={index}
            row={index}
            top={start - offset}
            columns={columns}
            cell={cell}
            count={total}
            ids={ids}
            isSelected={selection.has}
            current={current}
            eager={!virtualizer.isScrolling}
          />
        ))}
      </div>
    </>
  );
}
