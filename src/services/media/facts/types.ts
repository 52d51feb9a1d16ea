/** Metadata that a camera or a person wrote into a picture file or beside it. Null if absent or invalid. */
export interface PictureFacts {
  readonly taken: TakenAt | null;
  /** Maker and model; at most 100 characters. */
  readonly camera: string | null;
  /** At most 100 characters. */
  readonly lens: string | null;
  readonly exposure: Exposure;
  /** Orientation of the stored pixels, EXIF 1 to 8; decoding turns them upright. */
  readonly orientation: number | null;
  readonly place: Place | null;
  /** At most 200 characters. */
  readonly title: string | null;
  /** At most 50, each of at most 64 characters. */
  readonly keywords: readonly string[];
  /** 1 to 5 stars. */
  readonly rating: number | null;
}

export interface TakenAt {
  /** Local time of the camera's clock: `YYYY-MM-DDThh:mm:ss`, with `.mmm` if recorded. */
  readonly local: string;
  /** Offset of that clock from UTC; null if not recorded. */
  readonly offsetMinutes: number | null;
}

export interface Exposure {
  /** In seconds. */
  readonly time: number | null;
  readonly fNumber: number | null;
  readonly iso: number | null;
  /** In millimetres, the actual focal length. */
  readonly focalLength: number | null;
}

export interface Place {
  /** Degrees north, WGS 84. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
  /** Metres above sea level. */
  readonly altitude: number | null;
}
