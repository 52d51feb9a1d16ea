-- Named, ordered lists of pictures, and saved searches.
CREATE TABLE "albums" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL,
    "coverId" INTEGER,
    "query" TEXT,
    "vector" BLOB,
    "thumbnail" BLOB,
    "thumbnailType" TEXT,
    CONSTRAINT "albums_coverId_fkey" FOREIGN KEY ("coverId") REFERENCES "images" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "albums_nameKey_id_idx" ON "albums"("nameKey", "id");
CREATE INDEX "albums_coverId_idx" ON "albums"("coverId");

CREATE TABLE "album_images" (
    "albumId" INTEGER NOT NULL,
    "imageId" INTEGER NOT NULL,
    "position" TEXT NOT NULL,

    PRIMARY KEY ("albumId", "imageId"),
    CONSTRAINT "album_images_albumId_fkey" FOREIGN KEY ("albumId") REFERENCES "albums" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "album_images_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "images" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "album_images_albumId_position_key" ON "album_images"("albumId", "position");
CREATE INDEX "album_images_imageId_idx" ON "album_images"("imageId");
