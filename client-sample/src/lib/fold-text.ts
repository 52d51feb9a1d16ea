/** Texts that the server's filters take for the same are the same folded: without case, width, ligatures, composition. */
export const foldText = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase() // the only full mapping that JavaScript has: ß becomes SS
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('ς', 'σ')
    .normalize('NFKC');
