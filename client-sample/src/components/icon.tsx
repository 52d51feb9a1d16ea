/** The icons of the page, drawn on a grid of 16. Decoration only: labels say what a button does. */
const PATHS = {
  previous: 'M10.5 2.5 5 8l5.5 5.5',
  next: 'M5.5 2.5 11 8l-5.5 5.5',
  close: 'M3 3l10 10M13 3 3 13',
  info: 'M8 7.25v4M8 4.75v.01M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z',
  open: 'M9.5 2.5h4v4M13.5 2.5 8 8M12 9v3.5a1 1 0 0 1-1 1H3.5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1H7',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM14 14l-3.4-3.4',
  compare: 'M2 13.5V9M5 13.5v-10M8 13.5V7M11 13.5v-12M14 13.5v-5',
  camera:
    'M2.5 4.5h2l1-2h5l1 2h2a1 1 0 0 1 1 1V12a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V5.500a1 1 0 0 1 1-1ZM8 11a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  picture:
    'M2.5 2.500h11a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM1.5 11.500l4-4 3.5 3.5 2-2 3.5 3.500M11 5.750v.01',
  down: 'M3 6l5 5 5-5',
  check: 'M2.5 8.5 6 12l7.5-8',
  trash:
    'M2.5 4h11M6 4V2.500h4V4M4 4l.7 9a1 1 0 0 0 1 .9h4.600a1 1 0 0 0 1-.9L12 4M6.7 6.800v4.500M9.3 6.800v4.5',
  star: 'M8 1.800l1.900 3.900 4.300.6-3.100 3 .7 4.200L8 11.500l-3.800 2 .7-4.200-3.100-3 4.300-.6Z',
  heart:
    'M8 13.500C3 10 1.800 7.800 1.800 5.800A3.100 3.100 0 0 1 8 4.400a3.100 3.100 0 0 1 6.200 1.400C14.200 7.800 13 10 8 13.500Z',
  pencil: 'M2.500 13.500l.7-3.200 7.800-7.800 2.500 2.500-7.800 7.800ZM9.500 4l2.500 2.500',
  patches: 'M2.5 2.500h11v11h-11ZM6.2 2.500v11M9.8 2.500v11M2.5 6.200h11M2.5 9.800h11',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
