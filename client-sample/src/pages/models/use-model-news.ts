import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useToast } from '../../components/toasts';
import type { JobCardFragment } from '../../gql/graphql';
import { jobsThatEnded, NO_JOBS_SEEN } from '../../lib/job-state';
import type { Model } from './use-models';

/** Announces, also to visitors who do not see the cards, that a model was installed, is in use, or was stopped. */
export function useModelNews(models: readonly Model[] | null, jobs: readonly JobCardFragment[]): void {
  const { t } = useTranslation();
  const toast = useToast();
  const serving = models?.find(({ state }) => state === 'SERVING')?.name;
  const servedBefore = useRef<string>(undefined);
  const seenJobs = useRef(NO_JOBS_SEEN);
  useEffect(() => {
    const { news, seen } = jobsThatEnded(
      jobs.filter(({ kind }) => kind !== 'MODEL_SWITCH'),
      seenJobs.current,
    );
    seenJobs.current = seen;
    for (const { kind, state, model } of news) {
      if (state === 'DONE') toast({ message: t('models.told.pulled', { name: model?.modelId ?? '' }) });
      if (state === 'CANCELLED')
        toast({
          message: t(kind === 'MODEL_UPLOAD' ? 'models.told.uploadStopped' : 'models.told.pullStopped'),
        });
    }
    const was = servedBefore.current;
    if (was !== undefined && serving !== undefined && serving !== was)
      toast({ message: t('models.told.serving', { name: serving }) });
    servedBefore.current = serving ?? was;
  }, [jobs, serving, t, toast]);
}
