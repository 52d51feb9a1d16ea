import Badge from 'react-bootstrap/Badge';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Failure } from '../../api/errors';
import { ErrorNotice } from '../../components/error-notice';
import { FactList } from '../../components/fact-list';
import { JobCard } from '../../components/job-card';
import { formatNumber, formatTime } from '../../lib/format';
import { LibraryFailures } from './library-failures';
import type { Library } from './use-libraries';

interface LibraryCardProps {
  readonly library: Library;
  /** Of the last action on it. */
  readonly failure: Failure | null;
  readonly busy: boolean;
  /** Its scan was cancelled and is finishing its current step. */
  readonly stopping: boolean;
  readonly onScan: () => void;
  readonly onCancelScan: (jobId: string) => void;
  readonly onAdopt: () => void;
  readonly onRemove: () => void;
}

/** Only a folder that can be read, and whose marker file is the problem, can be accepted as it is. */
const ADOPTABLE: readonly Library['problemCode'][] = ['MARKER_MISSING', 'MARKER_FOREIGN'];

export function LibraryCard(props: LibraryCardProps) {
  const { library, failure, busy, stopping } = props;
  const { id, name, path, status, problemCode, scan, removal } = library;
  const { t } = useTranslation();
  const state = removal === null ? status : 'REMOVING';
  const title = `${id}-name`;
  return (
    <article className="status-card library-card" aria-labelledby={title}>
      <div className="library-head">
        <h2 className="h6 mb-0 text-break" id={title}>
          {name}
        </h2>
        <Badge bg="" className={`library-state library-${state.toLowerCase()}`}>
          {t(`libraries.state.${state}`)}
        </Badge>
      </div>
      <p className="library-path font-monospace">{path}</p>
      {problemCode !== null && removal === null && (
        <div className="alert alert-warning library-notice" role="alert">
          <p className="mb-0">{t(`libraries.problem.${problemCode}`)}</p>
          {ADOPTABLE.includes(problemCode) && (
            <Button
              size="sm"
              variant="secondary"
              className="mt-2"
              disabled={busy}
              onClick={props.onAdopt}
              aria-label={t('libraries.adopt.openOf', { name })}
            >
              {t('libraries.adopt.open')}
            </Button>
          )}
        </div>
      )}
      <Facts library={library} />
      {failure !== null && <ErrorNotice failure={failure} onRetry={props.onScan} />}
      {removal !== null && <JobCard key={removal.id} job={removal} live />}
      {removal === null && scan !== null && (
        <JobCard key={scan.id} job={scan} live>
          <Button
            size="sm"
            variant="outline-secondary"
            disabled={busy || stopping}
            onClick={() => props.onCancelScan(scan.id)}
            aria-label={stopping ? undefined : t('libraries.cancelOf', { name })}
          >
            {t(stopping ? 'libraries.stopping' : 'common.cancel')}
          </Button>
        </JobCard>
      )}
      {removal === null && <Buttons {...props} />}
    </article>
  );
}

function Facts({ library }: Pick<LibraryCardProps, 'library'>) {
  const { t, i18n } = useTranslation();
  const { id, presentCount, missingCount, failedCount, scannedAt, isWatched, tags, exclude } = library;
  const number = (value: number): string => formatNumber(i18n.language, value);
  return (
    <>
      <FactList
        facts={[
          [t('libraries.fact.present'), number(presentCount)],
          [
            t('libraries.fact.missing'),
            missingCount === 0 ? null : (
              <Link to={`/gallery?library=${id}&missing=true`}>{number(missingCount)}</Link>
            ),
          ],
          [t('libraries.fact.failed'), failedCount === 0 ? null : number(failedCount)],
          [
            t('libraries.fact.scanned'),
            scannedAt === null ? t('libraries.fact.never') : formatTime(i18n.language, scannedAt),
          ],
          [t('libraries.fact.changes'), t(isWatched ? 'libraries.fact.watched' : 'libraries.fact.byScan')],
          [t('libraries.fact.tags'), tags.length === 0 ? null : tags.join(', ')],
          [
            t('libraries.fact.exclude'),
            exclude.length === 0 ? null : <span className="font-monospace">{exclude.join(' ')}</span>,
          ],
        ]}
      />
      {failedCount > 0 && <LibraryFailures id={id} count={failedCount} />}
    </>
  );
}

function Buttons({ library, busy, onScan, onRemove }: LibraryCardProps) {
  const { t } = useTranslation();
  const { id, name, scan } = library;
  return (
    <div className="library-buttons">
      <Link
        className="btn btn-sm btn-outline-primary"
        to={`/gallery?library=${id}`}
        aria-label={t('libraries.showOf', { name })}
      >
        {t('libraries.show')}
      </Link>
      <Button
        size="sm"
        variant="outline-secondary"
        disabled={busy || scan !== null}
        onClick={onScan}
        aria-label={t('libraries.scanOf', { name })}
      >
        {t('libraries.scan')}
      </Button>
      <Button
        size="sm"
        variant="outline-danger"
        disabled={busy}
        onClick={onRemove}
        aria-label={t('libraries.removeOf', { name })}
      >
        {t('libraries.remove')}
      </Button>
    </div>
  );
}
