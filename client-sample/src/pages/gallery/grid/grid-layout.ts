export const GAP = 8;
/** A column is at least this wide, and wider on a large display; on a phone three of them fit. */
const MIN_CELL = { small: 150, large: 200, displayShare: 1 / 9 };
const MIN_COLUMNS = 3;

export interface GridLayout {
  readonly columns: number;
  /** Width and height of a cell in pixels. */
  readonly cell: number;
}

/** As many square cells of equal size as fit. */
export function gridLayout(width: number): GridLayout {
  const least = Math.min(MIN_CELL.large, Math.max(MIN_CELL.small, width * MIN_CELL.displayShare));
  const columns = Math.max(MIN_COLUMNS, Math.floor((width + GAP) / (least + GAP)));
  return { columns, cell: Math.max(40, (width - GAP * (columns - 1)) / columns) };
}

/** The width a picture has that fills a square cell, for the choice among `srcset`: a wide one is cut at its sides. */
export function shownWidth(cell: number, width: number, height: number): string {
  const cover = cell * Math.max(1, width / Math.max(1, height));
  return `${Math.ceil(cover / 20) * 20}px`;
}

/** Where a key leads from a place in the grid; null for keys that lead nowhere. */
export function keyTarget(
  key: string,
  control: boolean,
  from: number,
  { columns, count, rowsPerPage }: { columns: number; count: number; rowsPerPage: number },
): number | null {
  const last = count - 1;
  const rowStart = from - (from % columns);
  const target = {
    ArrowRight: from + 1,
    ArrowLeft: from - 1,
    ArrowDown: from + columns > last && rowStart + columns <= last ? last : from + columns,
    ArrowUp: from - columns,
    Home: control ? 0 : rowStart,
    End: control ? last : Math.min(last, rowStart + columns - 1),
    PageDown: Math.min(last, from + columns * rowsPerPage),
    PageUp: Math.max(from % columns, from - columns * rowsPerPage),
  }[key];
  return target === undefined || target < 0 || target > last ? null : target;
}
