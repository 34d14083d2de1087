-- Reads a bucket without changing it. KEYS: the bucket. ARGV: what could be asked of it, as bucket_decide takes it.
-- Returns used, remaining, microseconds until empty, microseconds parked, places in line; then, if there is a pace, its rate now and
-- the rate at which Telegram said 429, in thousandths a second, and for how many microseconds it has been there and will be.
local buckets = bucket_library()
local kind, capacity, span = read('<BI4dI4', ARGV[1], 10)
local raw = redis.call('GET', KEYS[1]) or EMPTY
local pace
raw, pace = buckets.current(raw, kind, now)
local _, parked, _, _, places = read('<dddBB', raw)
local used, empty = buckets.used(kind, raw, #raw - places * 28, span, now), now
if used > 0 then
  empty = read('<d', raw, 27) + (kind == WINDOW and span or 0)
end
local line = buckets.line(raw, places, '', now)
local reply = { used, max(0, capacity - used), empty - now, max(0, parked - now), #line / 28 }
if pace then
  local since, _, _, _, told, forgotten = read('<dddddd', pace)
  local _, unit = buckets.window(kind, capacity, span)
  reply[6], reply[7] = math.floor(1000 * buckets.rate(pace, unit, now)), math.floor(1000 * told)
  reply[8], reply[9] = now - since, forgotten - now
end
return reply
