/** The model that set-up makes; it comes with the program. */
export const BUILTIN_ID = 'builtin';

/** Of its weights, as NOTICE tells in full: what part of them was tuned on is not under it. */
export const BUILTIN_LICENCE = 'Apache-2.0, with a NOTICE';
