import { quadtree, type Quadtree } from 'd3-quadtree';
import { zoomIdentity, type ZoomTransform } from 'd3-zoom';
import { ThumbnailCache } from './thumbnail-cache';

export interface Point {
  readonly id: string;
  /** Within -1..1. */
  readonly x: number;
  readonly y: number;
}

export interface Marker {
  readonly x: number;
  readonly y: number;
  readonly picture: CanvasImageSource | null;
  /** Joined to it. */
  readonly matches: ReadonlySet<string>;
}

export interface Colors {
  readonly dot: string;
  readonly accent: string;
  readonly background: string;
}

/** Longest side of a thumbnail on the map, in CSS pixels. */
const THUMBNAIL = 72;
const GAP = 8;
/** Of the shorter side of the canvas, left free around the map. */
const MARGIN = 0.06;
/** A pointer that is so near, in CSS pixels, means a point. */
const REACH = 14;

/**
 * Draws the map: a dot for each picture, and thumbnails wherever there is room for them, so that more and more of them
 * appear as one zooms in. Which picture stands for its surroundings does not change while the map is moved.
 */
export class AtlasMap {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #thumbnails: ThumbnailCache;
  #points: readonly Point[] = [];
  #tree: Quadtree<Point> = quadtree();
  #byId = new Map<string, Point>();
  #transform: ZoomTransform = zoomIdentity;
  #marker: Marker | null = null;
  #selected: string | null = null;
  #colors: Colors = { dot: '#888', accent: '#0d6efd', background: '#fff' };
  #frame = 0;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('This browser has no canvas.');
    this.#canvas = canvas;
    this.#context = context;
    this.#thumbnails = new ThumbnailCache(() => this.draw());
  }

  /** Ascending by id. */
  set points(points: readonly Point[]) {
    this.#points = points;
    this.#byId = new Map(points.map((point) => [point.id, point]));
    this.#tree = quadtree(
      [...points],
      ({ x }) => x,
      ({ y }) => y,
    );
    this.draw();
  }

  set transform(transform: ZoomTransform) {
    this.#transform = transform;
    this.draw();
  }

  set marker(marker: Marker | null) {
    this.#marker = marker;
    this.draw();
  }

  set selected(id: string | null) {
    this.#selected = id;
    this.draw();
  }

  set colors(colors: Colors) {
    this.#colors = colors;
    this.draw();
  }

  /** The picture at a place on the canvas, in CSS pixels. */
  at(x: number, y: number): Point | null {
    const shown = this.#shown.find(
      ({ left, top, width, height }) => x >= left && x <= left + width && y >= top && y <= top + height,
    );
    if (shown !== undefined) return shown.point;
    const [mapX, mapY] = this.#toMap(x, y);
    return this.#tree.find(mapX, mapY, REACH / this.#scale) ?? null;
  }

  /** Pictures on the screen, the one nearest to its middle first. */
  nearMiddle(): readonly Point[] {
    const [width, height] = this.#size;
    return this.#visible()
      .map((point) => ({ point, at: this.#toScreen(point.x, point.y) }))
      .sort(
        (a, b) =>
          Math.hypot(a.at[0] - width / 2, a.at[1] - height / 2) -
          Math.hypot(b.at[0] - width / 2, b.at[1] - height / 2),
      )
      .map(({ point }) => point);
  }

  /** Where a picture lies when nothing is moved or zoomed, in CSS pixels. */
  place(point: { readonly x: number; readonly y: number }): readonly [number, number] {
    const [width, height] = this.#size;
    return [width / 2 + point.x * this.#unit, height / 2 + point.y * this.#unit];
  }

  /** Whether a place is on the canvas as it is moved and zoomed now. */
  isVisible(point: { readonly x: number; readonly y: number }): boolean {
    const [width, height] = this.#size;
    const [x, y] = this.#toScreen(point.x, point.y);
    return x >= 0 && x <= width && y >= 0 && y <= height;
  }

  /** Draws with the next frame, however often it is asked for before. */
  draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#thumbnails.dispose();
  }

  #shown: readonly {
    readonly point: Point;
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  }[] = [];

  get #size(): readonly [number, number] {
    return [this.#canvas.clientWidth, this.#canvas.clientHeight];
  }

  /** CSS pixels for 1 of the map, before zooming. */
  get #unit(): number {
    const [width, height] = this.#size;
    return (Math.min(width, height) / 2) * (1 - 2 * MARGIN);
  }

  get #scale(): number {
    return this.#unit * this.#transform.k;
  }

  #toScreen(x: number, y: number): readonly [number, number] {
    const [left, top] = this.place({ x, y });
    return [this.#transform.applyX(left), this.#transform.applyY(top)];
  }

  #toMap(x: number, y: number): readonly [number, number] {
    const [width, height] = this.#size;
    return [
      (this.#transform.invertX(x) - width / 2) / this.#unit,
      (this.#transform.invertY(y) - height / 2) / this.#unit,
    ];
  }

  /** Those within the canvas and a little beyond, by id. */
  #visible(): Point[] {
    const [width, height] = this.#size;
    const [left, top] = this.#toMap(-THUMBNAIL, -THUMBNAIL);
    const [right, bottom] = this.#toMap(width + THUMBNAIL, height + THUMBNAIL);
    return this.#points.filter(({ x, y }) => x >= left && x <= right && y >= top && y <= bottom);
  }

  #paint(): void {
    const [width, height] = this.#size;
    const ratio = devicePixelRatio;
    if (
      this.#canvas.width !== Math.round(width * ratio) ||
      this.#canvas.height !== Math.round(height * ratio)
    ) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const context = this.#context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const visible = this.#visible();
    const chosen = this.#representatives(visible);
    this.#paintDots(visible, chosen);
    this.#paintThumbnails(chosen);
    this.#paintMarker();
  }

  #paintDots(visible: readonly Point[], chosen: ReadonlyMap<Point, readonly [number, number]>): void {
    const context = this.#context;
    const radius = Math.min(4, 1.5 + Math.log2(1 + this.#transform.k) / 2);
    context.fillStyle = this.#colors.dot;
    context.beginPath();
    for (const point of visible) {
      if (chosen.has(point)) continue;
      const [x, y] = this.#toScreen(point.x, point.y);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fill();
  }

  /**
   * The pictures that are shown themselves: as many as there is room for. The marked one goes first, then the matches of
   * the query, then the others by their ids, so that moving the map changes them at its edges only.
   */
  #representatives(visible: readonly Point[]): ReadonlyMap<Point, readonly [number, number]> {
    const distance = THUMBNAIL + GAP;
    const taken = new Map<string, (readonly [number, number])[]>();
    const chosen = new Map<Point, readonly [number, number]>();
    const cell = ([x, y]: readonly [number, number]): readonly [number, number] => [
      Math.floor(x / distance),
      Math.floor(y / distance),
    ];
    const isFree = (at: readonly [number, number]): boolean => {
      const [column, row] = cell(at);
      for (let i = -1; i <= 1; i++)
        for (let j = -1; j <= 1; j++)
          for (const [x, y] of taken.get(`${column + i} ${row + j}`) ?? [])
            if (Math.abs(x - at[0]) < distance && Math.abs(y - at[1]) < distance) return false;
      return true;
    };
    const offer = (point: Point): void => {
      if (chosen.has(point)) return;
      const at = this.#toScreen(point.x, point.y);
      if (!isFree(at)) return;
      const key = cell(at).join(' ');
      taken.set(key, [...(taken.get(key) ?? []), at]);
      chosen.set(point, at);
    };
    const first = [this.#selected, ...(this.#marker?.matches ?? [])];
    for (const id of first) {
      const point = id === null ? undefined : this.#byId.get(id);
      if (point !== undefined) offer(point);
    }
    visible.forEach(offer);
    return chosen;
  }

  #paintThumbnails(chosen: ReadonlyMap<Point, readonly [number, number]>): void {
    const context = this.#context;
    const shown: {
      readonly point: Point;
      readonly left: number;
      readonly top: number;
      readonly width: number;
      readonly height: number;
    }[] = [];
    for (const [point, [x, y]] of chosen) {
      const picture = this.#thumbnails.get(point.id);
      const [width, height] =
        picture === null
          ? [THUMBNAIL * 0.6, THUMBNAIL * 0.6]
          : fit(picture.naturalWidth, picture.naturalHeight, THUMBNAIL);
      const box = { point, left: x - width / 2, top: y - height / 2, width, height };
      shown.push(box);
      context.save();
      context.beginPath();
      context.roundRect(box.left, box.top, width, height, 6);
      context.clip();
      if (picture === null) {
        context.globalAlpha = 0.35;
        context.fillStyle = this.#colors.dot;
        context.fill();
      } else context.drawImage(picture, box.left, box.top, width, height);
      context.restore();
      if (point.id === this.#selected || this.#marker?.matches.has(point.id) === true) {
        context.strokeStyle = this.#colors.accent;
        context.lineWidth = point.id === this.#selected ? 4 : 2;
        context.beginPath();
        context.roundRect(box.left, box.top, width, height, 6);
        context.stroke();
      }
    }
    this.#thumbnails.keep(new Set([...chosen.keys()].map(({ id }) => id)));
    this.#shown = shown;
  }

  #paintMarker(): void {
    if (this.#marker === null) return;
    const context = this.#context;
    const [x, y] = this.#toScreen(this.#marker.x, this.#marker.y);
    context.strokeStyle = this.#colors.accent;
    context.lineWidth = 1.5;
    context.setLineDash([4, 4]);
    for (const id of this.#marker.matches) {
      const match = this.#byId.get(id);
      if (match === undefined) continue;
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(...this.#toScreen(match.x, match.y));
      context.stroke();
    }
    context.setLineDash([]);
    const radius = THUMBNAIL / 2;
    context.save();
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = this.#colors.background;
    context.fill();
    context.clip();
    const { picture } = this.#marker;
    if (picture !== null) {
      const [natural, other] = sizeOf(picture);
      const scale = (2 * radius) / Math.min(natural, other);
      context.drawImage(
        picture,
        x - (natural * scale) / 2,
        y - (other * scale) / 2,
        natural * scale,
        other * scale,
      );
    }
    context.restore();
    context.lineWidth = 4;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

function fit(width: number, height: number, longest: number): readonly [number, number] {
  const scale = longest / Math.max(width, height, 1);
  return [width * scale, height * scale];
}

function sizeOf(picture: CanvasImageSource): readonly [number, number] {
  if (picture instanceof HTMLImageElement) return [picture.naturalWidth || 1, picture.naturalHeight || 1];
  if (picture instanceof ImageBitmap) return [picture.width, picture.height];
  return [1, 1];
}
