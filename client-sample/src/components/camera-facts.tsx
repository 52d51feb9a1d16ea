import { useTranslation } from 'react-i18next';
import { graphql, readFragment, type FragmentType } from '../gql';
import { formatExposure, formatPlace, formatTaken } from '../lib/taken-format';

const cameraFactsFragment = graphql(`
  fragment CameraFacts on GalleryImage {
    id
    takenAt
    takenLocal
    takenOffset
    takenFrom
    camera
    lens
    exposure {
      time
      fNumber
      iso
      focalLength
    }
    coordinates {
      latitude
      longitude
    }
  }
`);

interface CameraFactsProps {
  readonly image: FragmentType<typeof cameraFactsFragment>;
}

/** When, with what and how a picture was taken: for a list of facts. What is not known is left out. */
export function CameraFacts({ image }: CameraFactsProps) {
  const { t, i18n } = useTranslation();
  const facts = readFragment(cameraFactsFragment, image);
  const { takenFrom, camera, lens, exposure, coordinates } = facts;
  const lines = [
    // Without a date of its own it has that of its file; the time it was added has a line of its own.
    takenFrom !== 'ADDED' && [
      t(takenFrom === 'PICTURE' ? 'lightbox.taken' : 'lightbox.fileDate'),
      formatTaken(i18n.language, facts),
    ],
    camera != null && [t('lightbox.camera'), camera],
    lens != null && [t('lightbox.lens'), lens],
    exposure != null && [t('lightbox.exposure'), formatExposure(i18n.language, exposure)],
    coordinates != null && [t('lightbox.coordinates'), formatPlace(coordinates)],
  ] as const;
  return lines.map(
    (line) =>
      line !== false && (
        <div key={line[0]} className="d-contents">
          <dt>{line[0]}</dt>
          <dd>{line[1]}</dd>
        </div>
      ),
  );
}
