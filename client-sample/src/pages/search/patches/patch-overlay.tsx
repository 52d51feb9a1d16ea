import { readFragment, type FragmentType } from '../../../gql';
import { patchGridFragment } from './documents';

interface PatchOverlayProps {
  /** A PNG. */
  readonly src: string;
  readonly grid: FragmentType<typeof patchGridFragment>;
  readonly className?: string;
}

/** What the server has drawn of a picture's patches, over the part of the picture that the model sees. */
export function PatchOverlay({ src, grid, className = '' }: PatchOverlayProps) {
  const { left, top, width, height } = readFragment(patchGridFragment, grid);
  const percent = (share: number): string => `${share * 100}%`;
  return (
    <img
      className={`patch-overlay ${className}`}
      src={src}
      alt=""
      style={{ left: percent(left), top: percent(top), width: percent(width), height: percent(height) }}
    />
  );
}
