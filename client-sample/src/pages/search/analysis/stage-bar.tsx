import { useTranslation } from 'react-i18next';
import { formatDuration, formatPercent } from '../../../lib/format';

export interface StageTimings {
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly embedMs: number;
  readonly searchMs: number;
  readonly totalMs: number;
}

const STAGES = ['queue', 'decode', 'embed', 'search', 'other'] as const;

/** Where the time went: each stage with a pattern of its own, so that the legend works without colours. */
export function StageBar({ timings }: { readonly timings: StageTimings }) {
  const { t, i18n } = useTranslation();
  const { queueMs, decodeMs, embedMs, searchMs, totalMs } = timings;
  const known = queueMs + decodeMs + embedMs + searchMs;
  const total = Math.max(totalMs, known);
  const ms = { queue: queueMs, decode: decodeMs, embed: embedMs, search: searchMs, other: total - known };
  // What rounds to nothing is not a stage one could see.
  const stages = STAGES.filter((stage) => ms[stage] >= 0.05);
  const share = (stage: (typeof STAGES)[number]): number => (total > 0 ? ms[stage] / total : 0);
  return (
    <>
      <p className="small text-body-secondary mb-1 tabular">
        {t('search.analysis.timeTotal', { time: formatDuration(i18n.language, total) })}
      </p>
      <div className="stage-bar" aria-hidden="true">
        {stages.map((stage) => (
          <div key={stage} className={`stage stage-${stage}`} style={{ flexGrow: share(stage) }} />
        ))}
      </div>
      <ul className="stage-legend">
        {stages.map((stage) => (
          <li key={stage}>
            <span className={`stage stage-key stage-${stage}`} aria-hidden="true" />
            <span className="flex-grow-1">{t(`search.analysis.stage.${stage}`)}</span>
            <span className="tabular">{formatDuration(i18n.language, ms[stage])}</span>
            <span className="tabular stage-share">{formatPercent(i18n.language, share(stage), 0)}</span>
          </li>
        ))}
      </ul>
      {embedMs === 0 && decodeMs === 0 && (
        <p className="small text-body-secondary mb-0">{t('search.analysis.timeKnown')}</p>
      )}
    </>
  );
}
