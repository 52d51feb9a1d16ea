/** What the playground shows at first. */
export const INITIAL_QUERY = `# Likeness: which of my pictures look like this one?
# To search by a file: add it under "Add files" below the variables as \`image\`, then run SearchByFile.
query Gallery {
  galleryImages(first: 8) {
    totalCount
    edges { node { id title tags thumbnailUrl similar(topK: 3) { similarity image { id title } } } }
  }
}

query SearchByFile($image: Upload!) {
  searchByImage(image: $image, topK: 5) {
    matches { rank similarity image { id title url } }
    analysis { width height format timings { decodeMs embedMs searchMs totalMs } }
  }
}
`;
