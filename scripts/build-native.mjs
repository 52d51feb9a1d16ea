/**
 * Compiles the vector index for this machine's processor; does nothing when that was done already.
 * Runs after `npm ci` and as a step of scripts/setup.mjs. LIKENESS_PORTABLE=1 compiles for any processor.
 */
import { buildNative, isNativeFresh } from './lib/native.mjs';
import { reportFailure } from './lib/report.mjs';

try {
  if (!isNativeFresh()) await buildNative();
} catch (error) {
  reportFailure(error);
}
