import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Cores that this process may use, by affinity and by the CPU limit of its container, which Node 20 ignores. */
export function availableCores(cgroupDir = '/sys/fs/cgroup'): number {
  const limit = cgroupLimit(cgroupDir);
  return Math.max(1, Math.min(availableParallelism(), limit === null ? Infinity : Math.ceil(limit)));
}

/** Limit of the control group (version 2 or 1) in whole cores; null if there is none. */
function cgroupLimit(dir: string): number | null {
  const read = (name: string): string | null => {
    try {
      return readFileSync(`${dir}/${name}`, 'utf8').trim();
    } catch {
      return null;
    }
  };
  const [quota, period] = read('cpu.max')?.split(' ') ?? [
    read('cpu/cpu.cfs_quota_us'),
    read('cpu/cpu.cfs_period_us'),
  ];
  const cores = Number(quota) / Number(period);
  return quota != null && period != null && Number.isFinite(cores) && cores > 0 ? cores : null;
}
