DROP TABLE poster_images;
ALTER TABLE concerts DROP COLUMN poster_height;
ALTER TABLE concerts DROP COLUMN poster_width;
ALTER TABLE concerts DROP COLUMN poster_digest;
