import { useApolloClient, useSubscription } from '@apollo/client/react';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import '../styles/job-card.css';
import { graphql, readFragment, type FragmentType } from '../gql';
import { formatNumber, formatSpan, formatTime } from '../lib/format';
import { isRunning } from '../lib/job-state';
import { CancelJob } from './cancel-job';
import { JobLeftOut } from './job-left-out';
import { useModelFailure } from './model-failure';
import { ModelProgress } from './model-progress';

export const jobCardFragment = graphql(`
  fragment JobCard on Job {
    id
    kind
    state
    total
    done
    added
    skipped
    tagged
    repaired
    failed
    leftOut {
      reason
      count
    }
    rate
    secondsLeft
    code
    message
    model {
      modelId
      stage
      done
      total
      bytesPerSecond
      secondsLeft
      switchJobId
    }
    createdAt
    finishedAt
    failures {
      path
      code
      message
    }
  }
`);

/** Without the failures: there may be a hundred, and this comes with every picture. */
export const jobProgressSubscription = graphql(`
  subscription JobProgress($id: ID!) {
    jobProgress(id: $id) {
      id
      state
      total
      done
      added
      skipped
      tagged
      repaired
      failed
      leftOut {
        reason
        count
      }
      rate
      secondsLeft
      code
      message
      model {
        modelId
        stage
        done
        total
        bytesPerSecond
        secondsLeft
        switchJobId
      }
      finishedAt
    }
  }
`);

export const jobsQuery = graphql(`
  query Jobs {
    status {
      jobs {
        edges {
          node {
            id
            ...JobCard
          }
        }
      }
    }
  }
`);

interface JobCardProps {
  readonly job: FragmentType<typeof jobCardFragment>;
  /** Follows the job as it goes on; without it, it is as the page asked for it last. */
  readonly live?: boolean;
  readonly children?: ReactNode;
}

/** Work in the background: how far it is, how fast, what went wrong. */
export function JobCard({ job, live = false, children }: JobCardProps) {
  const { t, i18n } = useTranslation();
  const client = useApolloClient();
  const data = readFragment(jobCardFragment, job);
  const { id, kind, state, done, rate, secondsLeft, message, createdAt, finishedAt, failures } = data;
  const total = data.total ?? null;
  const running = isRunning(state);
  const makesModel = kind === 'MODEL_PULL' || kind === 'MODEL_UPLOAD';
  const tellFailure = useModelFailure();
  useSubscription(jobProgressSubscription, {
    variables: { id },
    skip: !live || !running,
    ignoreResults: true,
  });
  // Which files failed is asked for once, at the end; if that request fails, only their number is shown.
  const failuresMissing = live && !running && failures.length < data.failed;
  useEffect(() => {
    if (failuresMissing) client.query({ query: jobsQuery, fetchPolicy: 'network-only' }).catch(() => {});
  }, [client, failuresMissing]);

  const number = (value: number, digits = 0): string =>
    formatNumber(i18n.language, value, { maximumFractionDigits: digits });
  const counts = (['added', 'skipped', 'tagged', 'repaired', 'failed'] as const)
    .filter((name) => data[name] > 0)
    .map((name) => t(`common.job.${name}`, { count: data[name], number: number(data[name]) }));
  const pace = [
    !makesModel && running && rate > 0 && t('common.job.rate', { number: number(rate, rate < 10 ? 1 : 0) }),
    !makesModel &&
      running &&
      secondsLeft != null &&
      t('common.job.left', { span: formatSpan(i18n.language, secondsLeft) }),
  ].filter((part) => part !== false);

  return (
    <article className="job-card" aria-label={t(`common.job.kind.${kind}`)}>
      <div className="d-flex align-items-start gap-2">
        <div className="flex-grow-1">
          <span className="fw-semibold">{t(`common.job.kind.${kind}`)}</span>{' '}
          {data.model?.modelId != null && <code>{data.model.modelId}</code>}{' '}
          <span className={`job-state job-${state.toLowerCase()}`}>{t(`common.job.state.${state}`)}</span>
        </div>
        {running && kind === 'IMPORT_FOLDER' && <CancelJob id={id} />}
        {children}
      </div>
      {makesModel && <ModelProgress job={data} label={t(`common.job.kind.${kind}`)} />}
      {(live || running) && !makesModel && (
        <progress
          className="job-progress"
          aria-label={t(`common.job.kind.${kind}`)}
          max={total ?? 1}
          {...(total === null && running
            ? {}
            : { value: total === null || total === 0 ? Number(!running) : done })}
        />
      )}
      <div className="job-line">
        <span className="tabular">
          {makesModel
            ? ''
            : total === null
              ? running
                ? t('common.job.counting')
                : ''
              : t('common.job.done', { done: number(done), total: number(total) })}
        </span>
        {counts.length > 0 && <span className="tabular">{counts.join(' · ')}</span>}
        {pace.length > 0 && <span className="tabular ms-auto">{pace.join(' · ')}</span>}
        {!running && (
          <time className="ms-auto" dateTime={finishedAt ?? createdAt}>
            {formatTime(i18n.language, finishedAt ?? createdAt)}
          </time>
        )}
      </div>
      {message != null && (
        <p className="small text-danger-emphasis mb-0 mt-1">{makesModel ? tellFailure(data) : message}</p>
      )}
      {failures.length > 0 && (
        <details className="job-details">
          <summary>{t('common.job.failures', { count: data.failed, number: number(data.failed) })}</summary>
          <ul>
            {failures.map(({ path, code }) => (
              <li key={path}>
                <span className="font-monospace job-path">{path}</span>{' '}
                <span className="text-body-secondary">{t(`common.job.reasons.${failureReason(code)}`)}</span>
              </li>
            ))}
          </ul>
          {data.failed > failures.length && (
            <p className="mb-0">
              {t('common.job.moreFailures', { number: number(data.failed - failures.length) })}
            </p>
          )}
        </details>
      )}
      <JobLeftOut leftOut={data.leftOut} />
    </article>
  );
}

const REASONS = [
  'IMAGE_TOO_LARGE',
  'IMAGE_UNSUPPORTED',
  'IMAGE_UNREADABLE',
  'FILE_CHANGED',
  'FOLDER_UNREADABLE',
] as const;

/** Why a file could not be added, in few words. */
export const failureReason = (code: string): (typeof REASONS)[number] | 'OTHER' =>
  REASONS.find((reason) => reason === code) ?? 'OTHER';
