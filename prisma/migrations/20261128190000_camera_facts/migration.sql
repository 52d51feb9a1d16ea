-- What the camera wrote, and what people think of a picture. `factsRead` 0: the file of an older row has not been asked yet.
ALTER TABLE "images" ADD COLUMN "takenLocal" TEXT;
ALTER TABLE "images" ADD COLUMN "takenOffset" INTEGER;
ALTER TABLE "images" ADD COLUMN "takenKey" TEXT NOT NULL DEFAULT '';
ALTER TABLE "images" ADD COLUMN "takenFrom" TEXT NOT NULL DEFAULT 'ADDED';
ALTER TABLE "images" ADD COLUMN "camera" TEXT;
ALTER TABLE "images" ADD COLUMN "lens" TEXT;
ALTER TABLE "images" ADD COLUMN "exposureTime" REAL;
ALTER TABLE "images" ADD COLUMN "fNumber" REAL;
ALTER TABLE "images" ADD COLUMN "iso" INTEGER;
ALTER TABLE "images" ADD COLUMN "focalLength" REAL;
ALTER TABLE "images" ADD COLUMN "latitude" REAL;
ALTER TABLE "images" ADD COLUMN "longitude" REAL;
ALTER TABLE "images" ADD COLUMN "altitude" REAL;
ALTER TABLE "images" ADD COLUMN "rating" INTEGER;
ALTER TABLE "images" ADD COLUMN "favorite" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "images" ADD COLUMN "factsRead" INTEGER NOT NULL DEFAULT 0;
-- Filled at the next start, by the code that knows how (src/services/catalog/refold.ts).
ALTER TABLE "images" ADD COLUMN "titleOrder" TEXT NOT NULL DEFAULT '';
UPDATE "images" SET "takenKey" = "createdAt";

-- DropIndex
DROP INDEX "images_titleKey_id_idx";

-- CreateIndex
CREATE INDEX "images_titleOrder_id_idx" ON "images"("titleOrder", "id");
CREATE INDEX "images_takenKey_id_idx" ON "images"("takenKey", "id");
CREATE INDEX "images_camera_takenKey_id_idx" ON "images"("camera", "takenKey", "id");
CREATE INDEX "images_favorite_idx" ON "images"("favorite");
CREATE INDEX "images_factsRead_id_idx" ON "images"("factsRead", "id");
