/** Exit codes that a command gives without an error; those of errors are in `ERRORS`. */

/** Some of the inputs failed, the others succeeded. */
export const SOME_FAILED = 3;
