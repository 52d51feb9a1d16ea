import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import type { ExecutionProvider } from '../services/embedding/types.js';

export interface SessionSettings {
  /** Threads one run uses. */
  readonly threads: number;
  readonly provider?: ExecutionProvider;
  /**
   * Rearranges the weights once for the fastest access (the default). Without, runs are a little slower, but weights
   * beside the graph are used where they are mapped into memory, with no copy.
   */
  readonly prepack?: boolean;
}

/** What all sessions have in common: every optimisation, and no thread that spins between runs. */
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
 * '1' has ONNX Runtime make uint8 of int8 weights, so that sums of products do not saturate on x86 processors without
 * VNNI. One with VNNI computes exactly as it is, and with the option it would take twice as long. Where it cannot be told
 * (not Linux), right goes before fast. So the same model gives the same vectors everywhere, but for rounding.
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
