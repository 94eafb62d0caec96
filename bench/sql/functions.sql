-- The next operation of the reference.
CREATE SEQUENCE bench_n;

-- Ids that are computed from a kind and a number. Seeds, requests and the reference agree on them.
CREATE FUNCTION bench_id(kind integer, n bigint) RETURNS uuid IMMUTABLE PARALLEL SAFE LANGUAGE sql
    RETURN ('0190000' || kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;
