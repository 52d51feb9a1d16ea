import type { JobState } from '../gql/graphql';

export const isRunning = (state: JobState): boolean => state === 'QUEUED' || state === 'RUNNING';
