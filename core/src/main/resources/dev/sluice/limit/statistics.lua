-- Reads a bucket without changing it. KEYS: the bucket. ARGV: kind, capacity, span.
-- Returns used, remaining, microseconds until empty, microseconds parked, places in line.
local kind, capacity, span = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local bucket = bucket_read(redis.call('GET', KEYS[1]), now)
local state = bucket.kind == kind and bucket.state or ''
if bucket.line then
  bucket_line(bucket, '', now, now)
end
local used = bucket_used(state, kind, span, now)
local empty = now
if used > 0 then
  empty = bucket_time(state, #state / 8) + (kind == 'W' and span or 0)
end
return {
  used, max(0, capacity - used), empty - now, max(0, bucket.parked - now), bucket.line and #bucket.line or 0,
}
