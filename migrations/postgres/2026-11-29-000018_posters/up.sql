-- The poster of a concert: the digest of its images, and the size of the widest one.
ALTER TABLE concerts
    ADD COLUMN poster_digest text,
    ADD COLUMN poster_width integer CHECK (poster_width > 0),
    ADD COLUMN poster_height integer CHECK (poster_height > 0),
    ADD CONSTRAINT concerts_poster CHECK (
        (poster_digest IS NULL) = (poster_width IS NULL)
        AND (poster_digest IS NULL) = (poster_height IS NULL)
    );

-- Its images, which never change. They are JPEG files.
CREATE TABLE poster_images (
    concert_id uuid NOT NULL REFERENCES concerts (id),
    digest text NOT NULL,
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    content bytea NOT NULL CHECK (octet_length(content) > 0),
    PRIMARY KEY (concert_id, digest, width)
);
-- They are compressed already.
ALTER TABLE poster_images ALTER COLUMN content SET STORAGE EXTERNAL;
