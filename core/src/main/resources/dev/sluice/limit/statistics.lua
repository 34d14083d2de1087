-- Reads a bucket without changing it. KEYS: the bucket. ARGV: what could be asked of it, as bucket_decide takes it.
-- Returns used, remaining, microseconds until empty, microseconds parked, places in line.
local kind, capacity, span = read('<BI4dI4', ARGV[1], 10)
local raw = redis.call('GET', KEYS[1]) or EMPTY
local written, parked, _, stored, places = read('<dddBB', raw)
if now < written or stored ~= kind and stored ~= 0 then
  raw = bucket_mended(raw, kind, now)
  written, parked = read('<dd', raw)
end
local last = #raw - places * 28 - 7
local used, empty = bucket_used(kind, raw, last, span, now), now
if used > 0 then
  empty = read('<d', raw, last) + (kind == WINDOW and span or 0)
end
local line = bucket_line(raw, places, '', now)
return { used, max(0, capacity - used), empty - now, max(0, parked - now), #line / 28 }
