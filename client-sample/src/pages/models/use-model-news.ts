import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useToast } from '../../components/toasts';
import type { JobCardFragment } from '../../gql/graphql';
import { isRunning } from '../../lib/job-state';
import type { Model } from './use-models';

/** Says, also to who does not see the cards, when a model has come, serves, or was stopped. */
export function useModelNews(models: readonly Model[] | null, jobs: readonly JobCardFragment[]): void {
  const { t } = useTranslation();
  const toast = useToast();
  const serving = models?.find(({ state }) => state === 'SERVING')?.name;
  const before = useRef<{ serving: string | undefined; running: ReadonlySet<string> }>({
    serving: undefined,
    running: new Set(),
  });
  useEffect(() => {
    const { serving: was, running } = before.current;
    for (const { id, kind, state, model } of jobs) {
      if (!running.has(id) || kind === 'MODEL_SWITCH') continue;
      if (state === 'DONE') toast({ message: t('models.told.pulled', { name: model?.modelId ?? '' }) });
      if (state === 'CANCELLED')
        toast({
          message: t(kind === 'MODEL_UPLOAD' ? 'models.told.uploadStopped' : 'models.told.pullStopped'),
        });
    }
    if (was !== undefined && serving !== undefined && serving !== was)
      toast({ message: t('models.told.serving', { name: serving }) });
    before.current = {
      serving: serving ?? was,
      running: new Set(jobs.filter(({ state }) => isRunning(state)).map(({ id }) => id)),
    };
  }, [jobs, serving, t, toast]);
}
