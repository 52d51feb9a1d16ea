import { formatNumber, formatTime } from './format';
import { clockOf, type Taken } from './taken';

interface DatedPicture extends Taken {
  /** Minutes the camera's clock was ahead of UTC. */
  readonly takenOffset?: number | null | undefined;
}

/** The camera's clock as it was, not converted to the visitor's zone, and its offset from UTC where that is known. */
export function formatTaken(locale: string, picture: DatedPicture): string {
  const { takenAt, takenLocal, takenOffset } = picture;
  // The time of a file is an instant like any other.
  if (takenLocal == null) return formatTime(locale, takenAt);
  const format = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  const clock = format.format(clockOf(picture));
  return takenOffset == null ? clock : `${clock} (${formatOffset(takenOffset)})`;
}

/** UTC+02:00 */
function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

interface Exposure {
  /** In seconds. */
  readonly time?: number | null | undefined;
  readonly fNumber?: number | null | undefined;
  readonly iso?: number | null | undefined;
  /** In millimetres. */
  readonly focalLength?: number | null | undefined;
}

/** Longer exposures are given in seconds, shorter ones as fractions, as cameras do. */
const LONG_SECONDS = 0.3;

/** 1/250 s · f/2.8 · ISO 100 · 50 mm */
export function formatExposure(locale: string, { time, fNumber, iso, focalLength }: Exposure): string {
  const number = (value: number): string => formatNumber(locale, value, { maximumFractionDigits: 1 });
  return [
    time != null && time > 0 && `${time < LONG_SECONDS ? `1/${Math.round(1 / time)}` : number(time)} s`,
    fNumber != null && `f/${number(fNumber)}`,
    iso != null && `ISO ${iso}`,
    focalLength != null && `${number(focalLength)} mm`,
  ]
    .filter((part) => part !== false)
    .join(' · ');
}

/** Latitude and longitude in degrees, as maps take them. */
export const formatPlace = (place: { readonly latitude: number; readonly longitude: number }): string =>
  `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}`;
