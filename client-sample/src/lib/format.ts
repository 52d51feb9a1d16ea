/** Numbers, times and sizes as the language writes them. `locale` is i18next's language: en or zh. */

export const formatNumber = (locale: string, value: number, options?: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(locale, options).format(value);

/** 0..1 as a percentage. */
export const formatPercent = (locale: string, value: number, digits = 1): string =>
  formatNumber(locale, value, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });

/** Milliseconds below a second, seconds above. */
export function formatDuration(locale: string, ms: number): string {
  return ms < 1000
    ? formatNumber(locale, ms, { style: 'unit', unit: 'millisecond', maximumFractionDigits: ms < 10 ? 1 : 0 })
    : formatNumber(locale, ms / 1000, { style: 'unit', unit: 'second', maximumFractionDigits: 1 });
}

const SPANS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A time span in its two largest units. */
export function formatSpan(locale: string, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const at = SPANS.findIndex(([, size]) => whole >= size);
  const units = SPANS.slice(at === -1 ? SPANS.length - 1 : at).slice(0, 2);
  let rest = whole;
  const parts = units.map(([unit, size]) => {
    const value = Math.floor(rest / size);
    rest -= value * size;
    return { unit, value };
  });
  return parts
    .filter(({ value }, i) => value > 0 || i === 0)
    .map(({ unit, value }) => formatNumber(locale, value, { style: 'unit', unit, unitDisplay: 'short' }))
    .join(' ');
}

/** A file size in steps of 1024, as file managers and the server's limit count. */
export function formatBytes(locale: string, bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return formatNumber(locale, value, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  });
}

export const formatTime = (locale: string, iso: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));

/** The time of day, where the day is already shown. */
export const formatClock = (locale: string, iso: string): string =>
  new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(new Date(iso));

/** The day: “today” and “yesterday” by name, others by date. */
export function formatDay(locale: string, iso: string, now = new Date()): string {
  const date = new Date(iso);
  const midnight = (of: Date): number => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  const daysAgo = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (daysAgo !== 0 && daysAgo !== 1)
    return new Intl.DateTimeFormat(locale, { dateStyle: 'full' }).format(date);
  const name = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-daysAgo, 'day');
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}
