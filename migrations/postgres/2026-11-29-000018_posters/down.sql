DROP TABLE poster_images;
ALTER TABLE concerts
    DROP CONSTRAINT concerts_poster,
    DROP COLUMN poster_digest, DROP COLUMN poster_width, DROP COLUMN poster_height;
