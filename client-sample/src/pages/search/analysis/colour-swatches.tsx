import { useTranslation } from 'react-i18next';
import { formatPercent } from '../../../lib/format';

interface ColourSwatchesProps {
  readonly colours: readonly { readonly hex: string; readonly share: number }[];
}

/** The most frequent colours of the query, each as wide as its share. */
export function ColourSwatches({ colours }: ColourSwatchesProps) {
  const { i18n } = useTranslation();
  return (
    <>
      <div className="swatch-bar" aria-hidden="true">
        {colours.map(({ hex, share }) => (
          <div key={hex} style={{ background: hex, flexGrow: share }} />
        ))}
      </div>
      <ul className="swatches">
        {colours.map(({ hex, share }) => (
          <li key={hex}>
            <span className="swatch" style={{ background: hex }} aria-hidden="true" />
            <span className="font-monospace">{hex}</span>
            <span className="tabular text-body-secondary">{formatPercent(i18n.language, share, 0)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
