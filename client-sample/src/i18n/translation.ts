/**
 * The same keys as the English ones, at every depth. Forms for one of a thing (`…_one`) are English's own: Chinese has
 * no plural.
 */
export type Translation<T> = {
  readonly [Key in keyof T as Key extends `${string}_one` ? never : Key]: T[Key] extends string
    ? string
    : Translation<T[Key]>;
};
