import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { AdministratorLine } from '../../administrator/administrator-line';
import { useAdministered } from '../../administrator/use-administered';
import { AS_ADMINISTRATOR } from '../../api/administrator';
import type { Failure } from '../../api/errors';
import { ErrorNotice } from '../../components/error-notice';
import { useToast } from '../../components/toasts';
import { formatBytes } from '../../lib/format';
import type { JobCardFragment } from '../../gql/graphql';
import { isRunning } from '../../lib/job-state';
import { usePageTitle } from '../../lib/page-title';
import type { Entry } from '../../navigation/entry';
import { useSearchParams } from '../../navigation/use-search-params';
import { useServerReachable } from '../../api/reachability';
import '../../styles/job-card.css';
import '../../styles/status.css';
import '../../styles/models.css';
import { BringFile } from './bring-file';
import {
  cancelPullMutation,
  cancelSwitchMutation,
  pullModelMutation,
  removeModelMutation,
  useModelMutation,
} from './documents';
import { GetDialog, type Wish } from './get-dialog';
import { ModelCard, partialOffer } from './model-card';
import { RemoveDialog } from './remove-dialog';
import { useFollowedJob } from './use-followed-job';
import { useModelNews } from './use-model-news';
import { useModels, type Model } from './use-models';

/** Shown at once; the others when asked for. */
const FIRST = ['dinov2-small', 'dinov2-base', 'dinov2-large'];

interface Asked {
  readonly id: string;
  readonly for: 'get' | 'remove';
}

export function ModelsPage() {
  const { t, i18n } = useTranslation();
  usePageTitle(t('models.title'));
  const client = useApolloClient();
  const toast = useToast();
  const reachable = useServerReachable();
  const { models, work, jobs, failure, refetch } = useModels();
  const { attempt, dialog } = useAdministered();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [failed, setFailed] = useState<{ readonly id: string; readonly failure: Failure } | null>(null);
  const [busy, setBusy] = useState(false);
  /** Jobs that were asked to end: they do when what they have under way is done. */
  const [stopping, setStopping] = useState<readonly string[]>([]);
  const [params] = useSearchParams();
  const visit = useHistoryState<Entry | null>()?.key;
  const wanted = params.get('model');
  const known = models !== null;

  useEffect(() => {
    if (!known || location.hash !== '#file') return;
    // After the frame has given the focus to the page.
    const frame = requestAnimationFrame(() => {
      const title = document.getElementById('file-title');
      title?.focus({ preventScroll: true });
      title?.scrollIntoView({ block: 'center' });
    });
    return () => cancelAnimationFrame(frame);
  }, [known, visit]);

  const running = jobs.find(({ state }) => state === 'RUNNING') ?? null;
  const making = jobs.find((job) => job.state === 'RUNNING' && job.kind !== 'MODEL_SWITCH') ?? running;
  const again = (): void => void refetch();
  useFollowedJob(making?.id ?? null, again);
  const change = work?.modelSwitch ?? null;
  const changeJob = jobs.find(({ id }) => id === change?.jobId) ?? null;
  useFollowedJob(
    changeJob !== null && changeJob.id !== making?.id && isRunning(changeJob.state) ? changeJob.id : null,
    again,
  );
  useModelNews(models, jobs);

  const serving = models?.find(({ state }) => state === 'SERVING')?.name ?? work?.model.id ?? '';
  const gallerySize = work?.gallerySize ?? 0;

  const act = async (id: string, action: () => Promise<unknown>): Promise<void> => {
    setAsked(null);
    setFailed(null);
    await attempt(
      async () => {
        setBusy(true);
        try {
          await action();
          await refetch();
        } finally {
          setBusy(false);
        }
      },
      (why) => setFailed({ id, failure: why }),
    );
  };
  const context = AS_ADMINISTRATOR;
  const get = (model: Model, { calibrate, ...wish }: Wish): void =>
    void act(model.id, async () => {
      const variables = { id: model.id, ...wish, ...(calibrate && { calibrate }) };
      await client.mutate({ mutation: pullModelMutation, variables, context });
    });
  const remove = (model: Model, vectors: boolean): void =>
    void act(model.id, async () => {
      const variables = { id: model.id, vectors };
      const { data } = await client.mutate({ mutation: removeModelMutation, variables, context });
      const size = formatBytes(i18n.language, data?.removeModel?.freedBytes ?? 0);
      toast({ message: t('models.removal.removed', { name: model.name, size }) });
    });
  const cancelJob = (cardId: string, id: string): void =>
    void act(cardId, async () => {
      await client.mutate({ mutation: cancelPullMutation, variables: { id }, context });
      setStopping((before) => [...before, id]);
    });
  /** Answered when it has ended. */
  const cancelSwitch = (cardId: string, jobId: string | null): void =>
    void act(cardId, async () => {
      if (jobId !== null) setStopping((before) => [...before, jobId]);
      try {
        const { data } = await client.mutate({ mutation: cancelSwitchMutation, context });
        if (data?.cancelModelSwitch?.cancelled === true)
          toast({ message: t('models.told.changeStopped', { serving }) });
      } finally {
        setStopping((before) => before.filter((one) => one !== jobId));
      }
    });

  const cardOf = (model: Model) => {
    const { id } = model;
    const makes = new Set(model.offers.map(({ modelId }) => modelId));
    const pull =
      jobs.find(
        (job) => job.kind === 'MODEL_PULL' && job.model?.modelId != null && makes.has(job.model.modelId),
      ) ?? null;
    return (
      <ModelCard
        key={id}
        model={model}
        serving={serving}
        gallerySize={gallerySize}
        pull={pull}
        change={change?.to === id ? { ...change, ...counts(changeJob) } : null}
        failure={failed?.id === id ? failed.failure : null}
        busy={busy}
        stopping={stopping}
        highlighted={wanted === id}
        onGet={() => setAsked({ id, for: 'get' })}
        onRemove={() => setAsked({ id, for: 'remove' })}
        onUse={() =>
          void act(id, () => client.mutate({ mutation: useModelMutation, variables: { id }, context }))
        }
        onCancelPull={(jobId) => cancelJob(id, jobId)}
        onCancelSwitch={() => cancelSwitch(id, change?.jobId ?? null)}
      />
    );
  };

  const here = (models ?? []).filter(({ bytesOnDisk, state }) => bytesOnDisk != null || state === 'BROKEN');
  const toGet = (models ?? []).filter((model) => !here.includes(model));
  const isFirst = ({ id, state }: Model): boolean =>
    FIRST.includes(id) || state !== 'AVAILABLE' || wanted === id;
  const later = toGet.filter((model) => !isFirst(model));
  const askedModel = models?.find(({ id }) => id === asked?.id) ?? null;
  return (
    <Container fluid="xxl" className="page-width py-4">
      <p className="mb-1">
        <Link to="/status">‹ {t('models.back')}</Link>
      </p>
      <h1 className="h3">{t('models.title')}</h1>
      <p className="model-measure text-body-secondary">{t('models.intro')}</p>
      {work?.pinnedModel != null && (
        <div className="alert alert-secondary model-measure" role="alert">
          {t('models.failure.PINNED')}
        </div>
      )}
      {failure !== null && reachable && <ErrorNotice failure={failure} onRetry={again} />}
      {models === null && failure === null && <Skeleton />}
      {models !== null && (
        <>
          <section aria-labelledby="models-here">
            <h2 className="h5" id="models-here">
              {t('models.here')}
            </h2>
            <div className="model-grid">{here.map(cardOf)}</div>
          </section>
          {toGet.length > 0 && (
            <section aria-labelledby="models-to-get">
              <h2 className="h5" id="models-to-get">
                {t('models.toGet')}
              </h2>
              <div className="model-grid">{toGet.filter(isFirst).map(cardOf)}</div>
              {later.length > 0 && (
                <details className="model-more">
                  <summary>{t('models.more')}</summary>
                  <div className="model-grid">{later.map(cardOf)}</div>
                </details>
              )}
            </section>
          )}
          <BringFile
            maxBytes={work?.limits.maxModelBytes}
            job={jobs.find(({ kind }) => kind === 'MODEL_UPLOAD') ?? null}
            attempt={attempt}
            stopping={stopping}
            failure={failed?.id === '' ? failed.failure : null}
            onCancelJob={(id) => cancelJob('', id)}
            onSent={refetch}
          />
        </>
      )}
      <AdministratorLine />
      {asked?.for === 'get' && askedModel !== null && (
        <GetDialog
          model={askedModel}
          serving={serving}
          gallerySize={gallerySize}
          pinned={work?.pinnedModel ?? null}
          first={partialOffer(askedModel)?.precision ?? null}
          onGet={(wish) => get(askedModel, wish)}
          onHide={() => setAsked(null)}
        />
      )}
      {asked?.for === 'remove' && askedModel !== null && (
        <RemoveDialog
          model={askedModel}
          onRemove={(vectors) => remove(askedModel, vectors)}
          onHide={() => setAsked(null)}
        />
      )}
      {dialog}
    </Container>
  );
}

/** A job that is followed is newer than what the status said last. */
function counts(job: Pick<JobCardFragment, 'rate' | 'secondsLeft' | 'total'> | null) {
  if (job?.total == null) return {};
  return { rate: job.rate, secondsLeft: job.secondsLeft ?? null };
}

function Skeleton() {
  return (
    <div className="model-grid placeholder-glow" aria-hidden="true">
      {Array.from({ length: 3 }, (_, i) => (
        <div key={i} className="model-card">
          <span className="placeholder col-6 mb-2" />
          {Array.from({ length: 6 }, (_unused, line) => (
            <span key={line} className="placeholder placeholder-sm col-12 mb-2" />
          ))}
        </div>
      ))}
    </div>
  );
}
