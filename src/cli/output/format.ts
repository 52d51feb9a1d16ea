import { cutText } from '../../lib/text.js';

/** `1.5 MB`, in steps of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `1.2 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 picture`, `2 pictures`. */
export const count = (items: number, one: string, many = `${one}s`): string =>
  `${items} ${items === 1 ? one : many}`;

export { printable } from '../../lib/printable.js';

/** At most `length` characters. */
export const shorten = (text: string, length = 40): string =>
  text.length <= length ? text : `${cutText(text, length - 1)}…`;
