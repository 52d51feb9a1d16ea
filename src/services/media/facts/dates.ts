import type { TakenAt } from './types.js';

/** Photography is not older; later dates come from wrong clocks. */
const [FIRST_YEAR, LAST_YEAR] = [1826, 2199];
/** In minutes, from Baker Island to Kiritimati. */
const [LEAST_OFFSET, MOST_OFFSET] = [-12 * 60, 14 * 60];

const DATE =
  /^\s*(\d{4})[:./-](\d{2})[:./-](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$/;

/**
 * Reads a date in the form of EXIF (`2021:04:11 15:47:53`) or XMP (ISO 8601). A date without a time is its midnight.
 * @param offset such as `+02:00`, for a date without one
 * @param fraction digits of the second, for a date without them
 * @returns null if it is not a date, or not one of the calendar
 */
export function readDate(
  text: string | null,
  offset: string | null,
  fraction: string | null,
): TakenAt | null {
  const parts = DATE.exec(text ?? '');
  if (parts === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', digits, zone] = parts;
  const numbers = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [years, months, days, hours, minutes, seconds] = numbers;
  if (years < FIRST_YEAR || years > LAST_YEAR) return null;
  const instant = new Date(Date.UTC(years, months - 1, days, hours, minutes, seconds));
  const isReal =
    instant.getUTCMonth() === months - 1 &&
    instant.getUTCDate() === days &&
    hours < 24 &&
    minutes < 60 &&
    seconds < 60;
  if (!isReal) return null;
  const known = digits ?? (/^\s*(\d{1,9})\s*$/.exec(fraction ?? '')?.[1] || null);
  const milliseconds = known === null ? '' : `.${known.slice(0, 3).padEnd(3, '0')}`;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}${milliseconds}`;
  return { local, offsetMinutes: readOffset(zone ?? offset) };
}

function readOffset(text: string | null): number | null {
  const [, z, sign, hours, minutes] = /^\s*(?:(Z)|([+-])(\d{2}):?(\d{2}))\s*$/.exec(text ?? '') ?? [];
  if (z !== undefined) return 0;
  if (sign === undefined || Number(minutes) >= 60) return null;
  const offset = (sign === '-' ? -1 : 1) * (60 * Number(hours) + Number(minutes));
  return offset >= LEAST_OFFSET && offset <= MOST_OFFSET ? offset : null;
}
