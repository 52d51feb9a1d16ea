/**
 * Every time limit of the tests. None decides whether a test passes: they end what hangs, with words about it, and are
 * far beyond what a loaded machine needs. TEST_PATIENCE=0.1 makes them shorter for work on one test.
 */
const patience = Number(process.env['TEST_PATIENCE'] ?? 1);

/** In milliseconds; each leaves room for the one above it. */
export const LIMITS = {
  /** Until a page shows something. */
  browserMs: 300_000 * patience,
  /** Until a condition holds. */
  conditionMs: 900_000 * patience,
  /** Until a test or a hook has ended. */
  testMs: 1_800_000 * patience,
  /** Until a part of the product gives up, where the test is not about that. */
  productMs: 3_600_000,
} as const;

/** For tests about giving up: what is given up never ends by itself, and what is not takes a few milliseconds. */
export const GIVES_UP_MS = 1_000;
/** The same where everything is given up. */
export const GIVES_UP_AT_ONCE_MS = 50;

/** So that no limit of the product ends what a test waits for, and no program beside it keeps it from going on. */
export const PATIENT_SETTINGS: Readonly<Record<string, string>> = {
  REQUEST_TIMEOUT_MS: String(LIMITS.productMs),
  STOP_TIMEOUT_MS: String(Math.ceil(LIMITS.conditionMs)),
  BACKGROUND_PRIORITY: 'normal',
};
