/** What a camera or a person wrote into a picture file or beside it. Null where it is not there or makes no sense. */
export interface PictureFacts {
  readonly taken: TakenAt | null;
  /** Maker and model; at most 100 characters. */
  readonly camera: string | null;
  /** At most 100 characters. */
  readonly lens: string | null;
  readonly exposure: Exposure;
  /** How the stored pixels are turned, EXIF 1 to 8; they are turned upright when they are decoded. */
  readonly orientation: number | null;
  readonly place: Place | null;
  /** At most 200 characters. */
  readonly title: string | null;
  /** At most 50 of at most 64 characters. */
  readonly keywords: readonly string[];
  /** 1 to 5 stars. */
  readonly rating: number | null;
}

export interface TakenAt {
  /** As the camera's clock showed it: `YYYY-MM-DDThh:mm:ss`, with `.mmm` where it was that precise. */
  readonly local: string;
  /** What that clock was ahead of UTC; null when nobody said. */
  readonly offsetMinutes: number | null;
}

export interface Exposure {
  /** In seconds. */
  readonly time: number | null;
  readonly fNumber: number | null;
  readonly iso: number | null;
  /** In millimetres, of the lens itself. */
  readonly focalLength: number | null;
}

export interface Place {
  /** Degrees north, WGS 84. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
  /** Metres above the sea. */
  readonly altitude: number | null;
}
