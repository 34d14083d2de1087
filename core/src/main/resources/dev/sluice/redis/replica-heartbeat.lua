-- Notes that a replica of Sluice lives (or leaves) and counts the living.
-- KEYS  1 heartbeats: sorted set, replica id -> when last seen, microseconds of the server's clock
-- ARGV  1 this replica's id, 2 "stay" or "leave", 3 microseconds that a replica counts as alive after a beat
-- Returns {number of living replicas, 1 if this one was not among them before, else 0}
-- Atomic because counting between another's removal and its return would see a replica too few.
-- Deletes before it adds; the key vanishes with the last replica.
local heartbeats = KEYS[1]
local id, intent, alive = ARGV[1], ARGV[2], tonumber(ARGV[3])

local added = 0
redis.call('ZREMRANGEBYSCORE', heartbeats, '-inf', string.format('(%.0f', now - alive))
if intent == 'leave' then
  redis.call('ZREM', heartbeats, id)
else
  added = redis.call('ZADD', heartbeats, string.format('%.0f', now), id)
  redis.call('PEXPIRE', heartbeats, string.format('%.0f', alive / 1000))
end
return {redis.call('ZCARD', heartbeats), added}
