-- CreateTable
CREATE TABLE "images" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "sha256" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "titleKey" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "format" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "createdAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "image_tags" (
    "imageId" INTEGER NOT NULL,
    "tag" TEXT NOT NULL,

    PRIMARY KEY ("imageId", "tag"),
    CONSTRAINT "image_tags_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "images" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "spaces" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "modelId" TEXT NOT NULL,
    "dimension" INTEGER NOT NULL,
    "createdAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "vectors" (
    "imageId" INTEGER NOT NULL,
    "spaceId" TEXT NOT NULL,
    "data" BLOB NOT NULL,

    PRIMARY KEY ("spaceId", "imageId"),
    CONSTRAINT "vectors_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "images" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "vectors_spaceId_fkey" FOREIGN KEY ("spaceId") REFERENCES "spaces" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "embedding_failures" (
    "imageId" INTEGER NOT NULL,
    "spaceId" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,

    PRIMARY KEY ("spaceId", "imageId"),
    CONSTRAINT "embedding_failures_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "images" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "embedding_failures_spaceId_fkey" FOREIGN KEY ("spaceId") REFERENCES "spaces" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "searches" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "visitorId" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "modelId" TEXT NOT NULL,
    "spaceId" TEXT NOT NULL,
    "queryImageId" INTEGER,
    "thumbnail" BLOB,
    "thumbnailType" TEXT,
    "totalMs" REAL NOT NULL,
    "matches" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "meta" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "images_sha256_key" ON "images"("sha256");

-- CreateIndex
CREATE INDEX "images_createdAt_id_idx" ON "images"("createdAt", "id");

-- CreateIndex
CREATE INDEX "images_titleKey_id_idx" ON "images"("titleKey", "id");

-- CreateIndex
CREATE INDEX "image_tags_tag_imageId_idx" ON "image_tags"("tag", "imageId");

-- CreateIndex
CREATE INDEX "vectors_imageId_idx" ON "vectors"("imageId");

-- CreateIndex
CREATE INDEX "embedding_failures_imageId_idx" ON "embedding_failures"("imageId");

-- CreateIndex
CREATE INDEX "searches_visitorId_createdAt_id_idx" ON "searches"("visitorId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "searches_createdAt_id_idx" ON "searches"("createdAt", "id");
