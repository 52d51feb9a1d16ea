import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { MonthRow, Orientation as OrientationName, TakenFrom } from '../services/catalog/types.js';

export const TakenSource = {
  PICTURE: 'PICTURE',
  FILE: 'FILE',
  ADDED: 'ADDED',
} as const satisfies { [Name in TakenFrom]: Name };
export type TakenSource = TakenFrom;

registerEnumType(TakenSource, {
  name: 'TakenSource',
  description: 'Where the date of a picture is from.',
  valuesConfig: {
    PICTURE: { description: 'The picture itself, or the XMP file beside it.' },
    FILE: { description: 'When its file was last changed; the picture has no date.' },
    ADDED: { description: 'When it was added to the gallery; nothing else is known.' },
  },
});

export const Orientation = {
  LANDSCAPE: 'LANDSCAPE',
  PORTRAIT: 'PORTRAIT',
  SQUARE: 'SQUARE',
} as const satisfies { [Name in OrientationName]: Name };
export type Orientation = OrientationName;

registerEnumType(Orientation, {
  name: 'Orientation',
  description: 'The shape of a picture as it is shown, after any rotation.',
  valuesConfig: {
    LANDSCAPE: { description: 'Wider than high.' },
    PORTRAIT: { description: 'Higher than wide.' },
    SQUARE: { description: 'As wide as high.' },
  },
});

@ObjectType({
  description: 'How a picture was exposed, as recorded by the camera. Unknown values are null.',
  simpleResolvers: true,
})
export class Exposure {
  @Field(() => Float, { nullable: true, description: 'In seconds: 0.004 is 1/250 s.' })
  time!: number | null;

  @Field(() => Float, { nullable: true, description: 'The aperture: 2.8 for f/2.8.' })
  fNumber!: number | null;

  @Field(() => Int, { nullable: true, description: 'The ISO sensitivity.' })
  iso!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'In millimetres, the actual focal length; not converted to another sensor size.',
  })
  focalLength!: number | null;
}

@ObjectType({ description: 'Where a picture was taken, in WGS 84.', simpleResolvers: true })
export class Coordinates {
  @Field(() => Float, { description: 'Degrees north, from -90 to 90.' })
  latitude!: number;

  @Field(() => Float, { description: 'Degrees east, from -180 to 180.' })
  longitude!: number;

  @Field(() => Float, { nullable: true, description: 'Metres above sea level. Null if unknown.' })
  altitude!: number | null;
}

@ObjectType({ description: 'A month in which pictures were taken.', simpleResolvers: true })
export class GalleryMonth implements MonthRow {
  @Field(() => String, {
    description: 'Year and month, `2021-05`, by the clock where the pictures were taken.',
  })
  month!: string;

  @Field(() => Int, { description: 'How many of the pictures were taken in it; at least 1.' })
  count!: number;

  @Field(() => String, {
    description:
      'Opaque. Passed as `after` to `galleryImages`, with the same filter and order, it gives the pictures from the first of this month on.',
  })
  cursor!: string;
}

@ObjectType({ description: 'A camera and how many pictures it took.', simpleResolvers: true })
export class CameraCount {
  @Field(() => String, { description: 'As in `GalleryImage.camera`.' })
  camera!: string;

  @Field(() => Int, { description: 'How many pictures of the gallery it took; at least 1.' })
  count!: number;
}
