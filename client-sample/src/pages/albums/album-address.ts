/** Where the pictures of an album are shown: in the gallery. */
export const albumAddress = (id: string): string => `/gallery?album=${encodeURIComponent(id)}`;
