-- Reads a bucket without changing it. KEYS: the bucket. ARGV: kind, capacity, span.
-- Returns used, remaining, microseconds until empty, microseconds parked, places in line.
local kind, capacity, span = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local bucket = bucket_read(redis.call('GET', KEYS[1]), kind, now)
bucket_ahead(bucket, '', now)
local remaining = bucket_remaining(kind, bucket.state, capacity, span, now)
local used, empty = 0, now
if #bucket.state > 0 then
  local newest = bucket_time(bucket.state, #bucket.state / 8)
  empty = math.max(now, kind == 'W' and newest + span or newest)
  used = kind == 'W' and bucket_window_used(bucket.state, span, now) or math.ceil((empty - now) / span)
end
return {
  used, remaining, string.format('%.0f', empty - now), string.format('%.0f', math.max(0, bucket.parked - now)),
  #bucket.line,
}
