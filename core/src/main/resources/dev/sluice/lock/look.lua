-- Shows a lock. KEYS: as in lock.lua.
-- Returns {1 if it is held, its last fence, since when it is held, microseconds left of its lease, how many wait}. Changes nothing.
local waiting = redis.call('ZCOUNT', places, string.format('(%.0f', now), '+inf')
return {
  held and 1 or 0,
  string.format('%.0f', fence),
  string.format('%.0f', since),
  string.format('%.0f', held and ends - now or 0),
  waiting,
}
