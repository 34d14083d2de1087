-- Reads a bucket without changing it. KEYS: the bucket. ARGV: what could be asked of it, as bucket_decide takes it.
-- Returns used, remaining, microseconds until empty, microseconds parked, places in line.
local buckets = bucket_library()
local kind, capacity, span = read('<BI4dI4', ARGV[1], 10)
local raw = redis.call('GET', KEYS[1]) or EMPTY
local written, parked, _, stored, places = read('<dddBB', raw)
if now < written or stored ~= kind and stored ~= 0 then
  raw = buckets.mended(raw, kind, now)
  written, parked = read('<dd', raw)
end
local used, empty = buckets.used(kind, raw, #raw - places * 28, span, now), now
if used > 0 then
  empty = read('<d', raw, 27) + (kind == WINDOW and span or 0)
end
local line = buckets.line(raw, places, '', now)
return { used, max(0, capacity - used), empty - now, max(0, parked - now), #line / 28 }
