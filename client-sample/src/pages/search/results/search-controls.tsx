import { useId } from 'react';
import Form from 'react-bootstrap/Form';
import { useTranslation } from 'react-i18next';
import { TagInput } from '../../../components/tag-input';
import { useTagsInUse } from '../../../components/use-tags-in-use';
import { formatNumber, formatPercent } from '../../../lib/format';
import type { SearchView } from '../address/search-address';

/** What the slider offers; an address may say any number. */
const COUNTS = [6, 12, 24, 48, 96, 192, 384] as const;

interface SearchControlsProps {
  readonly minimum: number;
  readonly onMinimum: (minimum: number) => void;
  readonly count: number;
  readonly onCount: (count: number) => void;
  readonly view: Pick<SearchView, 'tags' | 'match'>;
  readonly onTags: (fields: Partial<Pick<SearchView, 'tags' | 'match'>>) => void;
  readonly mostCount: number;
}

/** How similar, how many, and with which tags. */
export function SearchControls(props: SearchControlsProps) {
  const { minimum, onMinimum, count, onCount, view, onTags, mostCount } = props;
  const { t, i18n } = useTranslation();
  const id = useId();
  const tagsInUse = useTagsInUse('cache-first');
  const counts = COUNTS.filter((one) => one <= mostCount);
  const at = counts.findIndex((one) => one >= count);
  const percent = formatPercent(i18n.language, minimum, 0);
  const number = formatNumber(i18n.language, count);
  return (
    <div className="search-controls" role="group" aria-label={t('search.controls.label')}>
      <div>
        <div className="d-flex justify-content-between">
          <Form.Label htmlFor={`${id}minimum`}>{t('search.controls.minimum')}</Form.Label>
          <output className="tabular" htmlFor={`${id}minimum`}>
            {percent}
          </output>
        </div>
        <Form.Range
          id={`${id}minimum`}
          min={0}
          max={100}
          value={Math.round(minimum * 100)}
          aria-valuetext={percent}
          title={t('search.controls.minimumHint')}
          onChange={({ target }) => onMinimum(Number(target.value) / 100)}
        />
      </div>
      <div>
        <div className="d-flex justify-content-between">
          <Form.Label htmlFor={`${id}count`}>{t('search.controls.count')}</Form.Label>
          <output className="tabular" htmlFor={`${id}count`}>
            {number}
          </output>
        </div>
        <Form.Range
          id={`${id}count`}
          min={0}
          max={counts.length - 1}
          value={at === -1 ? counts.length - 1 : at}
          aria-valuetext={number}
          onChange={({ target }) => onCount(counts[Number(target.value)] ?? count)}
        />
      </div>
      <div className="search-tags">
        <Form.Label htmlFor={`${id}tags`}>{t('search.controls.tags')}</Form.Label>
        <TagInput
          id={`${id}tags`}
          value={view.tags}
          suggestions={tagsInUse}
          knownOnly
          placeholder={t('search.controls.tagsHint')}
          onChange={(tags) => onTags({ tags })}
        />
        {view.tags.length > 1 && (
          <div className="tags-mode" role="radiogroup" aria-label={t('search.controls.tagsMode')}>
            {(['all', 'any'] as const).map((mode) => (
              <Form.Check
                key={mode}
                inline
                type="radio"
                name={`${id}match`}
                id={`${id}${mode}`}
                label={t(`search.controls.${mode}`)}
                checked={view.match === mode}
                onChange={() => onTags({ match: mode })}
              />
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
