-- What tells tags apart gets a column of its own. SQL cannot fold text: the tag stands in for it until the code that
-- knows how has been over every row (src/services/catalog/refold.ts).
CREATE TABLE "new_image_tags" (
    "imageId" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "tag" TEXT NOT NULL,

    PRIMARY KEY ("imageId", "key"),
    CONSTRAINT "image_tags_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "images" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_image_tags" ("imageId", "key", "tag") SELECT "imageId", "tag", "tag" FROM "image_tags";
DROP TABLE "image_tags";
ALTER TABLE "new_image_tags" RENAME TO "image_tags";

-- CreateIndex
CREATE INDEX "image_tags_key_imageId_tag_idx" ON "image_tags"("key", "imageId", "tag");
