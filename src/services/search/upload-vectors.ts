/** Each costs a run of the model and takes a few KB. */
const MAX_VECTORS = 500;

/** Caches vectors of saved uploads in other spaces than the one they were saved in, across requests. */
export class UploadVectors {
  readonly #vectors = new Map<string, Promise<Float32Array>>();

  /** @param make called if it is not cached; failures are not cached */
  of(albumId: number, spaceId: string, make: () => Promise<Float32Array>): Promise<Float32Array> {
    const key = `${albumId} ${spaceId}`;
    const known = this.#vectors.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#vectors.keys();
    if (this.#vectors.size >= MAX_VECTORS && oldest !== undefined) this.#vectors.delete(oldest);
    const vector = make();
    this.#vectors.set(key, vector);
    vector.catch(() => this.#vectors.delete(key));
    return vector;
  }
}
