import { useTranslation } from 'react-i18next';
import type { SpacesQuery } from '../../gql/graphql';
import { formatNumber, formatSpan } from '../../lib/format';

type Spaces = NonNullable<SpacesQuery['status']>;

/** A change of model under way: the one before serves until it is done. */
export function ModelSwitchCard({ change }: { readonly change: NonNullable<Spaces['modelSwitch']> }) {
  const { t, i18n } = useTranslation();
  const number = (value: number): string => formatNumber(i18n.language, value);
  const { from, to, state, total, embedded, failed, secondsLeft, message } = change;
  return (
    <section className="status-card status-wide" aria-label={t('status.switch.title')}>
      <h2 className="h6">{t('status.switch.title')}</h2>
      <p className="mb-0">
        {t('status.switch.fromTo', { from, to })} {t(`status.switch.state.${state}`)}
      </p>
      <progress
        className="job-progress"
        aria-label={t('status.switch.title')}
        max={Math.max(1, total)}
        value={embedded + failed}
      />
      <div className="job-line tabular">
        <span>{t('common.job.done', { done: number(embedded + failed), total: number(total) })}</span>
        {failed > 0 && <span>{t('common.job.failed', { count: failed, number: number(failed) })}</span>}
        {secondsLeft != null && (
          <span className="ms-auto">
            {t('common.job.left', { span: formatSpan(i18n.language, secondsLeft) })}
          </span>
        )}
      </div>
      {message != null && <p className="small text-danger-emphasis mt-2 mb-0">{message}</p>}
    </section>
  );
}

/** Every space there are vectors of. */
export function SpacesCard({ spaces }: { readonly spaces: Spaces['spaces'] }) {
  const { t, i18n } = useTranslation();
  const number = (value: number): string => formatNumber(i18n.language, value);
  return (
    <section className="status-card status-wide" aria-label={t('status.spaces.title')}>
      <h2 className="h6">{t('status.spaces.title')}</h2>
      <p className="small text-body-secondary">{t('status.spaces.hint')}</p>
      <div className="status-table" tabIndex={0} role="group" aria-label={t('status.spaces.title')}>
        <table className="table table-sm mb-0 align-middle">
          <thead>
            <tr>
              <th scope="col">{t('status.spaces.space')}</th>
              <th scope="col">{t('status.model.title')}</th>
              <th scope="col" className="text-end">
                {t('status.model.dimension')}
              </th>
              <th scope="col" className="text-end">
                {t('status.spaces.vectors')}
              </th>
              <th scope="col" className="text-end">
                {t('status.spaces.failed')}
              </th>
              <th scope="col">{t('status.spaces.use')}</th>
            </tr>
          </thead>
          <tbody>
            {spaces.map(({ id, modelId, dimension, vectors, failed, serving, filling }) => (
              <tr key={id}>
                <td className="font-monospace small">{id}</td>
                <td>{modelId}</td>
                <td className="text-end tabular">{number(dimension)}</td>
                <td className="text-end tabular">{number(vectors)}</td>
                <td className="text-end tabular">{number(failed)}</td>
                <td>
                  {t(
                    serving
                      ? 'status.spaces.serving'
                      : filling
                        ? 'status.spaces.filling'
                        : 'status.spaces.kept',
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
