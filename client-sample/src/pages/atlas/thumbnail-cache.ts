/** Loaded thumbnails that are not on the screen any more are kept up to this number. */
const KEPT = 600;
const AT_ONCE = 8;
const WIDTH = 160;

/** Loads the thumbnails of the map, those on the screen first, and forgets the ones used longest ago. */
export class ThumbnailCache {
  readonly #onLoad: () => void;
  readonly #loaded = new Map<string, HTMLImageElement>();
  readonly #broken = new Set<string>();
  readonly #loading = new Map<string, HTMLImageElement>();
  #wanted: string[] = [];

  constructor(onLoad: () => void) {
    this.#onLoad = onLoad;
  }

  /** Null while it is not there; then it is loaded. */
  get(id: string): HTMLImageElement | null {
    const picture = this.#loaded.get(id);
    if (picture !== undefined) {
      this.#loaded.delete(id); // to the end of the line
      this.#loaded.set(id, picture);
      return picture;
    }
    if (!this.#broken.has(id) && !this.#loading.has(id) && !this.#wanted.includes(id)) this.#wanted.push(id);
    this.#loadNext();
    return null;
  }

  /** What is on the screen now: the rest need not be loaded any more. */
  keep(ids: ReadonlySet<string>): void {
    this.#wanted = this.#wanted.filter((id) => ids.has(id));
    for (const id of this.#loaded.keys()) {
      if (this.#loaded.size <= KEPT) break;
      if (!ids.has(id)) this.#loaded.delete(id);
    }
  }

  dispose(): void {
    this.#wanted = [];
    for (const picture of this.#loading.values()) picture.removeAttribute('src');
    this.#loading.clear();
    this.#loaded.clear();
  }

  #loadNext(): void {
    while (this.#loading.size < AT_ONCE) {
      const id = this.#wanted.shift();
      if (id === undefined) return;
      const picture = new Image();
      this.#loading.set(id, picture);
      const settle = (loaded: boolean): void => {
        if (this.#loading.get(id) !== picture) return; // disposed meanwhile
        this.#loading.delete(id);
        if (loaded) this.#loaded.set(id, picture);
        else this.#broken.add(id);
        this.#onLoad();
        this.#loadNext();
      };
      picture.onload = () => settle(true);
      picture.onerror = () => settle(false);
      picture.src = `/media/${encodeURIComponent(id)}/thumbnail?width=${WIDTH}`;
    }
  }
}
