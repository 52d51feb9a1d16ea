import { number, percent, t } from './messages.js';

/** `<tag>` with properties and children; names with a dash are attributes. */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('-') || name === 'role') node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export const titleOf = ({ title }) => title || t('untitled');

function similarityBar(similarity) {
  const fill = element('span', { className: 'bar-fill' });
  fill.style.width = `${similarity * 100}%`;
  const exact = number(similarity, { minimumFractionDigits: 4, maximumFractionDigits: 4 });
  const label = t('similarityOf', { percent: percent(similarity), value: exact });
  return element(
    'div',
    { className: 'similarity', title: label },
    element('span', { className: 'visually-hidden' }, `${t('similarity')} `),
    element('strong', {}, percent(similarity)),
    element('span', { className: 'bar-track', 'aria-hidden': 'true' }, fill),
  );
}

/**
 * A picture of the gallery as a list item. Its place is known before the thumbnail is there.
 * `similarity` null leaves the bar out; `onMoreLike` is called with the image.
 */
export function pictureCard({ image, similarity = null, sameFile = false, onMoreLike }) {
  const title = titleOf(image);
  const more = element(
    'button',
    { type: 'button', className: 'more', 'aria-label': t('moreLikeTitle', { title }) },
    t('moreLike'),
  );
  more.addEventListener('click', () => onMoreLike(image));
  return element(
    'li',
    { className: 'card' },
    element(
      'a',
      {
        className: 'card-picture',
        href: image.url,
        target: '_blank',
        rel: 'noopener',
        'aria-label': t('openOriginal', { title }),
      },
      element('img', {
        alt: '',
        loading: 'lazy',
        decoding: 'async',
        width: image.width,
        height: image.height,
        srcset: `${image.small} 1x, ${image.large} 2x`,
        src: image.small,
      }),
      sameFile ? element('span', { className: 'badge' }, t('sameFile')) : null,
    ),
    similarity === null ? null : similarityBar(similarity),
    element('p', { className: 'card-title', title }, title),
    image.tags.length > 0
      ? element('p', { className: 'card-tags fine', title: image.tags.join(', ') }, image.tags.join(' · '))
      : null,
    more,
  );
}

/** One shape for all frames of a grid: the median of the pictures' shapes, so that most fill theirs. */
export function frameShape(images) {
  const shapes = images.map(({ width, height }) => width / height).sort((a, b) => a - b);
  return Math.min(1.6, Math.max(0.75, shapes[shapes.length >> 1] ?? 4 / 3));
}
