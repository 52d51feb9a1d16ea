import { useEffect, useRef } from 'react';
import Badge from 'react-bootstrap/Badge';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Failure } from '../../api/errors';
import { ErrorNotice } from '../../components/error-notice';
import { ModelFailure } from '../../components/model-failure';
import { ModelProgress } from '../../components/model-progress';
import type { JobCardFragment } from '../../gql/graphql';
import { formatBytes } from '../../lib/format';
import { ModelFacts } from './model-facts';
import { SwitchProgress } from './switch-progress';
import { useCost } from './use-cost';
import type { Model, Switch } from './use-models';
import { usePurpose } from './use-purpose';
import { WithCancel } from './with-cancel';

export interface ModelActions {
  readonly onGet: () => void;
  readonly onUse: () => void;
  readonly onRemove: () => void;
  readonly onCancelPull: (jobId: string) => void;
  readonly onCancelSwitch: () => void;
}

interface ModelCardProps extends ModelActions {
  readonly model: Model;
  /** Name of the one that serves. */
  readonly serving: string;
  readonly gallerySize: number;
  /** The pull of it that is under way, or that ended last. */
  readonly pull: JobCardFragment | null;
  /** To this model. */
  readonly change: Switch | null;
  /** Of what was asked for here. */
  readonly failure: Failure | null;
  readonly busy: boolean;
  /** Jobs that were asked to end. */
  readonly stopping: readonly string[];
  /** What brought one here was about this model. */
  readonly highlighted: boolean;
}

/** One model: what it is, how it stands with it, and what can be done. */
export function ModelCard(props: ModelCardProps) {
  const { model, serving, gallerySize, pull, change, failure, busy, stopping, highlighted } = props;
  const { t } = useTranslation();
  const purpose = usePurpose(model);
  const cost = useCost(model, gallerySize, serving);
  const { id, name, state } = model;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!highlighted) return;
    // After the frame has given the focus to the page.
    const frame = requestAnimationFrame(() => {
      heading.current?.focus({ preventScroll: true });
      heading.current?.closest('article')?.scrollIntoView({ block: 'center' });
    });
    return () => cancelAnimationFrame(frame);
  }, [highlighted]);

  const title = `model-${id}`;
  const failed = pull?.state === 'FAILED' && (state === 'AVAILABLE' || state === 'PARTIAL');
  const pulling = state === 'PULLING' || model.offers.some((offer) => offer.jobId !== null);
  return (
    <article className={`model-card ${highlighted ? 'model-highlight' : ''}`} aria-labelledby={title}>
      <div className="model-head">
        <h3 className="h6 mb-0" id={title} ref={heading} tabIndex={-1}>
          {name}
        </h3>
        <Badge bg="" className={`model-state model-${state.toLowerCase()}`}>
          {t(`models.state.${state}`)}
        </Badge>
      </div>
      <p className="model-id font-monospace">{id}</p>
      <p className="model-purpose">{purpose}</p>
      <ModelFacts model={model} />
      <div className="model-foot">
        {failed && pull !== null && (
          <ModelFailure job={pull}>
            {pull.code === 'HUB_UNREACHABLE' && (
              <Link className="alert-link" to="#file">
                {t('models.file.title')}
              </Link>
            )}
          </ModelFailure>
        )}
        {failure !== null && <ActionFailure failure={failure} />}
        {state === 'BROKEN' && model.problem != null && (
          <p className="small text-danger-emphasis mb-0">{model.problem}</p>
        )}
        {pulling && pull !== null && (
          <WithCancel
            name={name}
            busy={busy}
            stopping={stopping.includes(pull.id)}
            onCancel={() => props.onCancelPull(pull.id)}
          >
            <ModelProgress job={pull} label={t('models.progress.pull', { name })} />
          </WithCancel>
        )}
        {change !== null && state !== 'SERVING' && (
          <WithCancel
            name={name}
            busy={busy}
            stopping={change.jobId != null && stopping.includes(change.jobId)}
            onCancel={props.onCancelSwitch}
          >
            <SwitchProgress change={change} name={name} serving={serving} />
          </WithCancel>
        )}
        {state === 'SERVING' && <p className="model-cost">{t('models.serves')}</p>}
        {(state === 'INSTALLED' || state === 'AVAILABLE') && cost !== '' && (
          <p className="model-cost">{cost}</p>
        )}
        {state === 'PARTIAL' && <PartlyHere model={model} />}
        <Buttons {...props} pulling={pulling} failed={failed} />
      </div>
    </article>
  );
}

function PartlyHere({ model }: { readonly model: Model }) {
  const { t, i18n } = useTranslation();
  const offer = partialOffer(model);
  if (offer === null) return null;
  const bytes = (value: number): string => formatBytes(i18n.language, value);
  return (
    <p className="model-cost tabular">
      {t('models.partly', { done: bytes(offer.downloadedBytes), total: bytes(offer.downloadBytes) })}
    </p>
  );
}

/** What a pull that ended early was of. */
export const partialOffer = (model: Model) => model.offers.find(({ state }) => state === 'PARTIAL') ?? null;

function Buttons(props: ModelCardProps & { readonly pulling: boolean; readonly failed: boolean }) {
  const { model, change, busy, pulling, failed } = props;
  const { t } = useTranslation();
  const { name, state, removable } = model;
  const partial = state === 'PARTIAL';
  const gettable = !pulling && model.offers.some((offer) => offer.state !== 'INSTALLED');
  const others = state !== 'AVAILABLE' && !partial; // of a model that is here in one precision
  const get = partial ? 'resume' : failed ? 'again' : 'get';
  const changeFailed = change?.state === 'FAILED';
  if (!removable && state !== 'INSTALLED' && !gettable && !changeFailed) return null;
  return (
    <div className="model-buttons">
      {state === 'INSTALLED' && (
        <Button size="sm" disabled={busy} onClick={props.onUse} aria-label={t('models.useOf', { name })}>
          {t('models.use')}
        </Button>
      )}
      {changeFailed && (
        <Button
          size="sm"
          disabled={busy}
          onClick={props.onUse}
          aria-label={t('models.changeAgainOf', { name })}
        >
          {t('models.changeAgain')}
        </Button>
      )}
      {gettable && !others && (
        <Button size="sm" disabled={busy} onClick={props.onGet} aria-label={t(`models.${get}Of`, { name })}>
          {t(`models.${get}`)}
        </Button>
      )}
      {gettable && others && (
        <Button
          size="sm"
          variant="outline-secondary"
          disabled={busy}
          onClick={props.onGet}
          aria-label={t('models.otherOf', { name })}
        >
          {t('models.other')}
        </Button>
      )}
      {removable && (
        <Button
          size="sm"
          variant="outline-danger"
          disabled={busy}
          onClick={props.onRemove}
          aria-label={t('models.removeOf', { name })}
        >
          {t('models.remove')}
        </Button>
      )}
    </div>
  );
}

/** A setting that forbids every change has a sentence of its own. */
export function ActionFailure({ failure }: { readonly failure: Failure }) {
  const { t } = useTranslation();
  if (failure.code === 'BAD_USER_INPUT' && failure.details['path'] === 'MODEL')
    return (
      <div className="alert alert-danger model-notice" role="alert">
        {t('models.failure.PINNED')}
      </div>
    );
  return <ErrorNotice failure={failure} />;
}
