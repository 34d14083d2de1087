-- Reads a bucket without changing it. KEYS: the bucket. ARGV: kind, capacity, span.
-- Returns used, remaining, microseconds until empty, microseconds parked, places in line.
local kind, capacity, span = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local raw = redis.call('GET', KEYS[1])
if not raw then
  return { 0, capacity, 0, 0, 0 }
end
if now < read('<d', raw) then
  raw = bucket_moved(raw, now)
end
local _, parked, _, stored, places, position = read(BUCKET_HEAD, raw)
local line = bucket_line(raw, '', now)
local used, empty = 0, now
if stored == kind then
  local state = sub(raw, position + places * BUCKET_PLACE_SIZE)
  used = bucket_used(kind, state, span, now)
  if used > 0 then
    empty = read('<d', state, #state - 7) + (kind == 'W' and span or 0)
  end
end
return { used, max(0, capacity - used), empty - now, max(0, parked - now), #line / BUCKET_PLACE_SIZE }
