-- Reads a named limit and one of its buckets, and changes nothing.
-- KEYS  1 all definitions, 2 the bucket. ARGV: 1 name
-- Returns {0}: no such limit; else {1, definition, used, remaining, microseconds until all of it is free again}.
local definition = redis.call('HGET', KEYS[1], ARGV[1])
if not definition then
  return { 0 }
end
local buckets, kind, capacity, span = bucket_library(), definition_of(definition)
local raw = refitted(redis.call('GET', KEYS[2]) or EMPTY, kind, capacity, span, now)
local written, _, _, stored, places = read('<dddBB', raw)
if now < written or stored ~= kind and stored ~= 0 then
  raw = buckets.mended(raw, kind, now)
end
local used, free = buckets.used(kind, raw, #raw - places * 28, span, now), 0
if used > 0 then
  free = read('<d', raw, 27) - now + (kind == WINDOW and span or 0)
end
return { 1, definition, used, max(0, capacity - used), free }
