SELECT 'concert ' || concerts.id || ' shows poster ' || coalesce(concerts.poster_digest, 'none') || ' and has '
    || count(poster_images.width) || ' images' AS detail
FROM concerts LEFT JOIN poster_images ON poster_images.concert_id = concerts.id
WHERE $1 IS NOT NULL
GROUP BY concerts.id
HAVING count(poster_images.width)
        <> sum(CASE WHEN poster_images.digest = concerts.poster_digest THEN 1 ELSE 0 END)
    OR sum(CASE WHEN poster_images.digest = concerts.poster_digest
            AND poster_images.width = concerts.poster_width
            AND poster_images.height = concerts.poster_height THEN 1 ELSE 0 END)
        <> CASE WHEN concerts.poster_digest IS NULL THEN 0 ELSE 1 END
