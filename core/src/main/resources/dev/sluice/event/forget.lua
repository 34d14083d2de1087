-- Takes marks of events back.
-- KEYS  1 when the generations began, 2 the current generation, 3 the one before
-- ARGV  1 a window's length in microseconds, 2 digests of 16 bytes
-- Returns how many were marked. Sets keep their TTL, and go with their last member.
if not began then
  return { 0 }
end
local ids = digests(ARGV[2])
local known = redis.call('SREM', current, unpack(ids)) + redis.call('SREM', before, unpack(ids))
remember()
return { known }
