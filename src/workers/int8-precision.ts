import { readFileSync } from 'node:fs';

/**
 * For the session option `session.x64quantprecision`: '1' has ONNX Runtime make uint8 of int8 weights, so that sums of
 * products do not saturate on x86 processors without VNNI. One with VNNI computes exactly as it is, and with the option
 * it would take twice as long. Where it cannot be told (not Linux), right goes before fast.
 */
export function int8Precision(arch: string = process.arch, cpuInfoPath = '/proc/cpuinfo'): '0' | '1' {
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
