/** The job's body is the vectors, float32, row-major. */
export interface LayoutRequest {
  readonly dimension: number;
}

/** Options of its process. */
export interface AtlasInit {
  readonly lowPriority: boolean;
}
