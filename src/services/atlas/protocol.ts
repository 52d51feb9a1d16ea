/** The job's body is the vectors, float32, row-major. */
export interface LayoutRequest {
  readonly dimension: number;
}

/** What its process is started with. */
export interface AtlasInit {
  readonly lowPriority: boolean;
}
