import { useMemo, useState, type PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../../lib/format';
import { barPath, histogramOf, largest, outlinePath } from './vector-paths';

export interface Vector {
  readonly dimension: number;
  readonly values: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
}

interface FeaturePictureProps {
  readonly query: Vector;
  /** A match's. */
  readonly other: Vector | null;
}

const LANE = 64;
const BINS = 48;

/**
 * The vector as a spectrum: one bar for each component, and how often values occur. With a match's below it, and what
 * each component adds to their similarity below that.
 */
export function FeaturePicture({ query, other }: FeaturePictureProps) {
  const { t, i18n } = useTranslation();
  const [at, setAt] = useState<number | null>(null);
  const { dimension } = query;
  const shown = useMemo(() => {
    const most = Math.max(largest(query.values), other === null ? 0 : largest(other.values)) || 1;
    const scale = LANE / 2 / most;
    const product = other === null ? [] : query.values.map((value, i) => value * (other.values[i] ?? 0));
    return {
      query: barPath(query.values, LANE / 2, scale),
      other: other === null ? null : barPath(other.values, LANE / 2, scale),
      product: barPath(product, LANE / 2, LANE / 2 / (largest(product) || 1)),
      cosine: product.reduce((sum, value) => sum + value, 0),
    };
  }, [query, other]);

  const value = (number: number | undefined): string =>
    formatNumber(i18n.language, number ?? 0, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const label = (vector: Vector): string =>
    t('search.analysis.featureLabel', {
      number: formatNumber(i18n.language, vector.dimension),
      min: value(vector.min),
      max: value(vector.max),
      mean: value(vector.mean),
      std: value(vector.std),
    });
  const onPointer = ({ clientX, currentTarget }: PointerEvent): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setAt(Math.min(dimension - 1, Math.max(0, Math.floor(((clientX - left) / width) * dimension))));
  };

  return (
    <div className="feature">
      <div className="feature-lanes" onPointerMove={onPointer} onPointerLeave={() => setAt(null)}>
        <Lane
          name={t('search.analysis.query')}
          label={label(query)}
          kind="query"
          path={shown.query}
          length={dimension}
          at={at}
        />
        {other !== null && shown.other !== null && (
          <>
            <Lane
              name={t('search.analysis.other')}
              label={label(other)}
              kind="other"
              path={shown.other}
              length={dimension}
              at={at}
            />
            <Lane
              name={t('search.analysis.product')}
              label={t('search.analysis.productHint')}
              kind="product"
              path={shown.product}
              length={dimension}
              at={at}
            />
          </>
        )}
      </div>
      <p className="feature-reading small tabular text-body-secondary mb-2">
        {at === null
          ? other === null
            ? ' '
            : t('search.analysis.productSum', { value: value(shown.cosine) })
          : other === null
            ? t('search.analysis.component', {
                index: formatNumber(i18n.language, at + 1),
                query: value(query.values[at]),
              })
            : t('search.analysis.componentBoth', {
                index: formatNumber(i18n.language, at + 1),
                query: value(query.values[at]),
                other: value(other.values[at]),
              })}
      </p>
      <Histogram query={query} other={other} />
    </div>
  );
}

interface LaneProps {
  readonly name: string;
  readonly label: string;
  readonly kind: 'query' | 'other' | 'product';
  readonly path: string;
  readonly length: number;
  readonly at: number | null;
}

function Lane({ name, label, kind, path, length, at }: LaneProps) {
  return (
    <div className="feature-lane">
      <span className={`feature-name feature-${kind}`} aria-hidden="true">
        {name}
      </span>
      <svg
        viewBox={`0 0 ${length} ${LANE}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}. ${label}`}
      >
        <path className="feature-axis" d={`M0 ${LANE / 2}H${length}`} vectorEffect="non-scaling-stroke" />
        <path className={`feature-bars feature-${kind}`} d={path} />
        {at !== null && (
          <path className="feature-cursor" d={`M${at + 0.5} 0V${LANE}`} vectorEffect="non-scaling-stroke" />
        )}
      </svg>
    </div>
  );
}

function Histogram({ query, other }: FeaturePictureProps) {
  const { t, i18n } = useTranslation();
  const min = Math.min(query.min, other?.min ?? Infinity);
  const max = Math.max(query.max, other?.max ?? -Infinity);
  const shown = useMemo(() => {
    const own = histogramOf(query.values, min, max, BINS);
    const others = other === null ? null : histogramOf(other.values, min, max, BINS);
    const scale = LANE / Math.max(1, ...own, ...(others ?? []));
    return {
      bars: barPath(own, LANE, scale),
      outline: others === null ? null : outlinePath(others, LANE, scale),
    };
  }, [query, other, min, max]);
  const value = (number: number): string => formatNumber(i18n.language, number, { maximumFractionDigits: 2 });
  return (
    <figure className="feature-histogram mb-0">
      <figcaption className="small text-body-secondary">{t('search.analysis.histogram')}</figcaption>
      <svg
        viewBox={`0 0 ${BINS} ${LANE}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('search.analysis.histogramLabel', { min: value(min), max: value(max) })}
      >
        <path className="feature-bars feature-query" d={shown.bars} />
        {shown.outline !== null && (
          <path className="feature-outline" d={shown.outline} vectorEffect="non-scaling-stroke" />
        )}
      </svg>
      <div className="feature-scale small tabular text-body-secondary" aria-hidden="true">
        <span>{value(min)}</span>
        {min < 0 && max > 0 && <span style={{ left: `${(-min / (max - min)) * 100}%` }}>0</span>}
        <span>{value(max)}</span>
      </div>
    </figure>
  );
}
