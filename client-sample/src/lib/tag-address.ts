/** Where the pictures of a tag are shown: in the gallery. */
export const tagAddress = (tag: string): string => `/gallery?${new URLSearchParams({ tag }).toString()}`;
