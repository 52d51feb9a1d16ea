-- What an uploaded query was, so that its search can be made again without the file.
ALTER TABLE "searches" ADD COLUMN "width" INTEGER;
ALTER TABLE "searches" ADD COLUMN "height" INTEGER;
ALTER TABLE "searches" ADD COLUMN "format" TEXT;
ALTER TABLE "searches" ADD COLUMN "bytes" INTEGER;
ALTER TABLE "searches" ADD COLUMN "sha256" TEXT;
ALTER TABLE "searches" ADD COLUMN "vector" BLOB;
ALTER TABLE "searches" ADD COLUMN "swatch" BLOB;
