-- Pictures whose files stay in folders of their owner's: where they are, and whether they are there.
ALTER TABLE "images" ADD COLUMN "stored" BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE "images" ADD COLUMN "missing" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "images" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "libraries" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "root" TEXT NOT NULL,
    "marker" TEXT,
    "tags" TEXT NOT NULL,
    "exclude" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "scannedAt" DATETIME
);
CREATE UNIQUE INDEX "libraries_root_key" ON "libraries"("root");

CREATE TABLE "library_files" (
    "libraryId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "pathKey" TEXT NOT NULL,
    "size" REAL NOT NULL,
    "mtimeMs" REAL NOT NULL,
    "sha256" TEXT,
    "state" TEXT NOT NULL,
    "code" TEXT,
    "message" TEXT,

    PRIMARY KEY ("libraryId", "path"),
    CONSTRAINT "library_files_libraryId_fkey" FOREIGN KEY ("libraryId") REFERENCES "libraries" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "library_files_sha256_idx" ON "library_files"("sha256");
CREATE INDEX "library_files_state_libraryId_idx" ON "library_files"("state", "libraryId");

-- CreateIndex
CREATE INDEX "images_missing_idx" ON "images"("missing");
