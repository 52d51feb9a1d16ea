import { useSubscription } from '@apollo/client/react';
import { jobProgressSubscription } from '../../components/job-card';

/** Follows a job as it goes on. @param onEnd called when it has ended */
export function useFollowedJob(id: string | null, onEnd: () => void): void {
  useSubscription(jobProgressSubscription, {
    variables: { id: id ?? '' },
    skip: id === null,
    ignoreResults: true,
    onComplete: onEnd,
    onError: onEnd, // it is not known any more
  });
}
