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

  set points(points: readonly Point[]) {
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

  point(id: string): Point | undefined {
    return this.#byId.get(id);
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

  /** Those within the canvas and a little beyond. */
  #visible(): Point[] {
    const [width, height] = this.#size;
    const [left, top] = this.#toMap(-THUMBNAIL, -THUMBNAIL);
    const [right, bottom] = this.#toMap(width + THUMBNAIL, height + THUMBNAIL);
    const found: Point[] = [];
    this.#tree.visit((node, x0, y0, x1, y1) => {
      if (!node.length)
        for (let leaf: typeof node | undefined = node; leaf; leaf = leaf.next) {
          const { data } = leaf;
          if (data.x >= left && data.x <= right && data.y >= top && data.y <= bottom) found.push(data);
        }
      return x0 > right || x1 < left || y0 > bottom || y1 < top;
    });
    return found;
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
   * At most one picture for each cell of a grid that is fixed to the map: the one with the smallest id wins, whatever
   * part of the map is on the screen. The grid's cells halve with each doubling of the zoom.
   */
  #representatives(visible: readonly Point[]): ReadonlyMap<Point, readonly [number, number]> {
    const wanted = (THUMBNAIL + GAP) / this.#scale;
    const cell = 2 ** Math.ceil(Math.log2(wanted));
    const winners = new Map<string, Point>();
    const keep = (point: Point): void => {
      const key = `${Math.floor(point.x / cell)} ${Math.floor(point.y / cell)}`;
      const other = winners.get(key);
      if (other === undefined || this.#before(point, other)) winners.set(key, point);
    };
    visible.forEach(keep);
    const chosen = new Map<Point, readonly [number, number]>();
    for (const point of winners.values()) {
      const at = this.#toScreen(point.x, point.y);
      // A neighbour over the border of its cell may still be too near.
      const crowded = [...chosen.values()].some(
        ([x, y]) => Math.abs(x - at[0]) < THUMBNAIL && Math.abs(y - at[1]) < THUMBNAIL,
      );
      if (!crowded) chosen.set(point, at);
    }
    return chosen;
  }

  /** The marked one and the matches of the query first, then by id. */
  #before(a: Point, b: Point): boolean {
    const rank = ({ id }: Point): number =>
      id === this.#selected ? 0 : this.#marker?.matches.has(id) === true ? 1 : 2;
    return rank(a) - rank(b) < 0 || (rank(a) === rank(b) && Number(a.id) < Number(b.id));
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
