/** Trained weights as they come from elsewhere, before they are a model of ours. */

export type WeightElement = 'float16' | 'bfloat16' | 'float32' | 'float64';

export interface WeightInfo {
  readonly shape: readonly number[];
  /** As stored; `read` gives float32. */
  readonly element: WeightElement;
}

/** An open weights file. Holds no tensor in memory. */
export interface WeightFile {
  /** The file that was named (of several shards: their index). */
  readonly path: string;
  readonly tensors: ReadonlyMap<string, WeightInfo>;
  /**
   * Reads one tensor, row-major. Nothing but that tensor is held in memory.
   * @throws AppError MODEL_MISMATCH naming file and tensor: not there, truncated, damaged, or a value is not finite
   */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}
