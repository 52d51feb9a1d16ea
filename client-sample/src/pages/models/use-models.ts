import { useQuery } from '@apollo/client/react';
import { useEffect, useEffectEvent, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { AS_ADMINISTRATOR } from '../../api/administrator';
import { toFailure, type Failure } from '../../api/errors';
import { whenServerReturns } from '../../api/reachability';
import { jobCardFragment } from '../../components/job-card';
import { readFragment } from '../../gql';
import type { JobCardFragment, ModelsQuery, ModelWorkQuery } from '../../gql/graphql';
import { isRunning } from '../../lib/job-state';
import { useDocumentVisible } from '../../lib/use-document-visible';
import { modelsQuery, modelWorkQuery } from './documents';

const BUSY_MS = 2000;
const IDLE_MS = 4000;

export type Model = NonNullable<ModelsQuery['models']>[number];
export type Offer = Model['offers'][number];
export type Work = NonNullable<ModelWorkQuery['status']>;
export type Switch = NonNullable<Work['modelSwitch']>;

export interface Models {
  /** Null before there is an answer. */
  readonly models: readonly Model[] | null;
  readonly work: Work | null;
  /** Of making models and changing them; the newest first. */
  readonly jobs: readonly JobCardFragment[];
  readonly failure: Failure | null;
  readonly refetch: () => Promise<void>;
}

const OPTIONS = { fetchPolicy: 'cache-and-network', context: AS_ADMINISTRATOR } as const;

/** Every model, and the work on them, also what was begun elsewhere. */
export function useModels(): Models {
  const { t } = useTranslation();
  const visible = useDocumentVisible();
  const list = useQuery(modelsQuery, OPTIONS);
  const more = useQuery(modelWorkQuery, OPTIONS);
  const work = more.data?.status ?? null;
  const jobs = (work?.jobs.edges ?? [])
    .map(({ node }) => readFragment(jobCardFragment, node))
    .filter(({ kind }) => kind.startsWith('MODEL_'))
    .toReversed();
  const busy = work?.modelSwitch != null || jobs.some(({ state }) => isRunning(state));

  const ask = useEffectEvent(() => {
    more.refetch().catch(() => {}); // shown by way of `error`
    // Looks into every folder: its numbers move when something ends, and a time that is being measured comes seldom.
    if (!busy) list.refetch().catch(() => {});
  });
  useEffect(() => {
    if (!visible) return;
    const timer = setInterval(() => ask(), busy ? BUSY_MS : IDLE_MS);
    const end = whenServerReturns(() => ask());
    return () => {
      clearInterval(timer);
      end();
    };
  }, [visible, busy]);

  // Something began or ended, here or elsewhere.
  const steps = `${work?.model.id} ${work?.modelSwitch?.to} ${jobs.map(({ id, state }) => id + state).join()}`;
  const known = work !== null;
  const refetchList = useEffectEvent(() => void list.refetch().catch(() => {}));
  useEffect(() => {
    if (known) refetchList();
  }, [known, steps]);

  const builtin = t('models.builtin');
  const listed = list.data?.models ?? null;
  const models = useMemo(
    () => listed?.map((model) => (model.id === 'builtin' ? { ...model, name: builtin } : model)) ?? null,
    [listed, builtin],
  );
  const error = list.error ?? more.error;
  return {
    models,
    work,
    jobs,
    failure: error === undefined ? null : toFailure(error),
    refetch: async () => {
      await Promise.all([list.refetch(), more.refetch()]).catch(() => {});
    },
  };
}
