/** The model that set-up builds; it is part of the program. */
export const BUILTIN_ID = 'builtin';

/** Licence of its weights; NOTICE has the details: the data that part of them was tuned on is not under it. */
export const BUILTIN_LICENCE = 'Apache-2.0, with a NOTICE';
