import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import type { ExecutionProvider } from '../services/embedding/types.js';

export interface SessionSettings {
  /** Threads for one run. */
  readonly threads: number;
  readonly provider?: ExecutionProvider;
  /**
   * Rearranges the weights once for the fastest access (the default). Without it, runs are slightly slower, but weights in
   * a separate file are used directly from the memory map, without a copy.
   */
  readonly prepack?: boolean;
}

/** Common options of all sessions: all optimisations, and no threads that spin between runs. */
export function sessionOptions({
  threads,
  provider = 'cpu',
  prepack = true,
}: SessionSettings): InferenceSession.SessionOptions {
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: {
      session: {
        ...(prepack ? {} : { disable_prepacking: '1' }),
        x64quantprecision: exactInt8(),
        intra_op: { allow_spinning: '0' },
        inter_op: { allow_spinning: '0' },
      },
    },
  };
}

/**
 * '1' makes ONNX Runtime convert int8 weights to uint8, so that sums of products do not saturate on x86 processors
 * without VNNI. Processors with VNNI compute exactly without it, and would take twice as long with it. If unknown (not on
 * Linux), correctness takes precedence over speed. So a model gives the same vectors everywhere, except for rounding.
 */
export function exactInt8(arch: string = process.arch, cpuInfoPath = '/proc/cpuinfo'): '0' | '1' {
  if (arch !== 'x64') return '0';
  let info: string;
  try {
    info = readFileSync(cpuInfoPath, 'utf8');
  } catch {
    return '1';
  }
  const flags = /^flags\s*:(.*)$/m.exec(info)?.[1]?.split(' ') ?? [];
  return flags.includes('avx512_vnni') || flags.includes('avx_vnni') ? '0' : '1';
}
