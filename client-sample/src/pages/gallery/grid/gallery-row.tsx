import { useEffect, useState } from 'react';
import { EmptyCell, GalleryCell } from './gallery-cell';
import { GAP } from './grid-layout';

/** Rows that are gone again sooner are never fetched: dragging the scrollbar asks for nothing that it rushes past. */
const SETTLED_MS = 80;

interface GalleryRowProps {
  readonly row: number;
  readonly top: number;
  readonly columns: number;
  readonly cell: number;
  readonly count: number;
  readonly ids: readonly string[];
  readonly isSelected: (id: string) => boolean;
  readonly current: number;
  /** Fetch the pictures at once. */
  readonly eager: boolean;
}

export function GalleryRow(props: GalleryRowProps) {
  const { row, top, columns, cell, count, ids, isSelected, current, eager } = props;
  const [load, setLoad] = useState(eager);
  useEffect(() => {
    if (load) return;
    const timer = setTimeout(() => setLoad(true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [load]);

  const first = row * columns;
  const cells = Array.from({ length: Math.min(columns, count - first) }, (_, column) => {
    const index = first + column;
    const id = ids[index];
    return id === undefined ? (
      <EmptyCell key={`empty-${column}`} column={column} />
    ) : (
      <GalleryCell
        key={id}
        id={id}
        index={index}
        column={column}
        cell={cell}
        selected={isSelected(id)}
        current={index === current}
        load={load}
      />
    );
  });
  return (
    <div
      role="row"
      aria-rowindex={row + 1}
      className="gallery-row"
      style={{
        transform: `translateY(${top}px)`,
        gridTemplateColumns: `repeat(${columns}, ${cell}px)`,
        gap: GAP,
        height: cell,
      }}
    >
      {cells}
    </div>
  );
}
