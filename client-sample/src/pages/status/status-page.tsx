import Badge from 'react-bootstrap/Badge';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { ErrorNotice } from '../../components/error-notice';
import { JobCard } from '../../components/job-card';
import { formatBytes, formatNumber, formatSpan, formatTime } from '../../lib/format';
import { usePageTitle } from '../../lib/page-title';
import '../../styles/status.css';
import { Facts } from './facts';
import { LinksCard } from './links-card';
import { Recall } from './recall';
import { ModelSwitchCard, SpacesCard } from './spaces-card';
import { StatusSkeleton } from './status-skeleton';
import { useStatus } from './use-status';

/** Jobs that ended long ago matter little. */
const JOBS_SHOWN = 10;

export function StatusPage() {
  const { t, i18n } = useTranslation();
  usePageTitle(t('status.title'));
  const { status, spaces, failure, refetch } = useStatus();
  const locale = i18n.language;
  const number = (value: number): string => formatNumber(locale, value);

  return (
    <Container fluid="xxl" className="page-width py-4">
      <div className="status-head">
        <h1 className="h3 mb-0">{t('status.title')}</h1>
        {status !== null && (
          <Badge bg="" className={failure === null ? 'status-ready' : 'status-away'}>
            {t(failure === null ? 'status.ready' : 'status.away')}
          </Badge>
        )}
      </div>
      {failure !== null && <ErrorNotice failure={failure} onRetry={refetch} />}
      {status === null ? (
        failure === null && <StatusSkeleton />
      ) : (
        <div className={`status-grid ${failure === null ? '' : 'status-old'}`}>
          {spaces?.modelSwitch != null && <ModelSwitchCard change={spaces.modelSwitch} />}
          <Facts
            title={t('status.server.title')}
            facts={[
              [t('status.server.pictures'), number(status.gallerySize)],
              [t('status.server.version'), status.version],
              [t('status.server.node'), status.nodeVersion],
              [t('status.server.memory'), formatBytes(locale, status.memoryBytes)],
              [t('status.server.uptime'), formatSpan(locale, status.uptimeSeconds)],
              [t('status.server.started'), formatTime(locale, status.startedAt)],
            ]}
          >
            <p className="mb-0 mt-2">
              <Link to="/libraries">{t('status.server.libraries')}</Link>
            </p>
          </Facts>
          <Facts
            title={t('status.model.title')}
            facts={[
              [t('status.model.id'), status.model.id],
              [t('status.model.dimension'), number(status.model.dimension)],
              [t('status.model.input'), status.model.inputSize.replace('x', ' × ')],
              [t('status.model.precision'), status.model.precision],
              [t('status.model.provider'), spaces?.embedder.executionProvider ?? null],
              [t('status.model.space'), <span className="font-monospace small">{status.model.spaceId}</span>],
            ]}
          >
            <p className="small text-body-secondary mb-0 mt-2">
              {status.model.id === 'builtin' ? t('status.model.builtin') : status.model.description}
            </p>
            <p className="mb-0 mt-2">
              <Link to="/models">{t('models.link')}</Link>
            </p>
          </Facts>
          <Facts
            title={t('status.index.title')}
            facts={[
              [t('status.index.mode'), t(`status.index.modes.${status.index.mode}`)],
              [t('status.index.size'), number(status.index.size)],
              [t('status.index.recall'), spaces === null ? null : <Recall recall={spaces.index.recall} />],
              [
                t('status.index.state'),
                t(status.index.rebuilding ? 'status.index.rebuilding' : 'status.index.current'),
              ],
              [
                t('status.index.snapshot'),
                status.index.generation === 0
                  ? t('status.index.noSnapshot')
                  : t('status.index.generation', { number: number(status.index.generation) }),
              ],
              [t('status.index.unsaved'), number(status.index.unsavedChanges)],
              [t('status.index.problem'), status.index.problem ?? null],
              [
                t('status.index.graph'),
                status.index.limitation == null ? null : t('status.index.notCompiled'),
              ],
            ]}
          />
          <Facts
            title={t('status.queue.title')}
            facts={[
              [
                t('status.queue.workers'),
                t('status.queue.workersOf', {
                  alive: number(status.embedder.alive),
                  workers: number(status.embedder.workers),
                }),
              ],
              [t('status.queue.threads'), number(status.embedder.threadsPerWorker)],
              [t('status.queue.running'), number(status.embedder.running)],
              [
                t('status.queue.queued'),
                t('status.queue.queuedOf', {
                  queued: number(status.embedder.queued),
                  capacity: number(status.embedder.capacity),
                }),
              ],
              [t('status.queue.restarts'), number(status.embedder.restarts)],
            ]}
          >
            <progress
              className="job-progress"
              aria-label={t('status.queue.queued')}
              max={status.embedder.capacity}
              value={status.embedder.queued}
            />
          </Facts>
          <Facts
            title={t('status.limits.title')}
            facts={[
              [t('status.limits.upload'), formatBytes(locale, status.limits.maxUploadBytes)],
              [
                t('status.limits.pixels'),
                t('status.limits.megapixels', { number: number(status.limits.maxImagePixels / 1e6) }),
              ],
              [t('status.limits.topK'), number(status.limits.maxTopK)],
              [t('status.limits.batch'), number(status.limits.maxBatch)],
              [t('status.limits.page'), number(status.limits.maxPageSize)],
            ]}
          />
          <LinksCard />
          <section className="status-card status-wide" aria-label={t('status.jobs.title')}>
            <h2 className="h6">{t('status.jobs.title')}</h2>
            {status.jobs.edges.length === 0 ? (
              <p className="text-body-secondary mb-0">{t('status.jobs.none')}</p>
            ) : (
              <div className="status-jobs">
                {status.jobs.edges
                  .slice(-JOBS_SHOWN)
                  .reverse()
                  .map(({ node }) => (
                    <JobCard key={node.id} job={node} />
                  ))}
              </div>
            )}
          </section>
          {spaces !== null && spaces.spaces.length > 0 && <SpacesCard spaces={spaces.spaces} />}
        </div>
      )}
    </Container>
  );
}
