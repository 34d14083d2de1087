-- Lowers the pace of a bucket, as if a message that is admitted now were told 429.
-- KEYS: the bucket. ARGV: what could be asked of it, as bucket_decide takes it.
local kind, capacity, span = read('<BI4d', ARGV[1], 10)
return { bucket_lower(KEYS[1], kind, capacity, span, now, 0, 1000, now) and 1 or 0 }
